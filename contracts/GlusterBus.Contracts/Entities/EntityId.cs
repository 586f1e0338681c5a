using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GlusterBus.Contracts.Entities;

/// <summary>The stable, readable, path-like name of a thing whose state is tracked: <c>kind/name…</c>, such as
/// <c>volume/gv0</c> or <c>brick/gv0/n1:/data/b1</c>.</summary>
/// <remarks>The kind ends at the first slash; the name may hold slashes of its own (brick paths do). Nodes are called by
/// the name Gluster knows them by; the uuid is an attribute (docs/adr/0002).</remarks>
[JsonConverter(typeof(EntityIdJsonConverter))]
public readonly record struct EntityId : IComparable<EntityId>
{
    /// <summary>The longest id taken, in characters. Gluster's own bound on a path is 4096.</summary>
    public const int MaximumLength = 4352;

    private readonly string? _value;

    private EntityId(string value) => _value = value;

    /// <summary>The volume part of a brick whose volume the reporter did not name; the router looks it up by host and path.</summary>
    public const string AnyVolume = "?";

    public string Value => _value ?? "";

    /// <summary>The part before the first slash.</summary>
    public string Kind => KindSpan.ToString();

    /// <summary><see cref="Kind"/> for who only looks at it.</summary>
    internal ReadOnlySpan<char> KindSpan => Value.AsSpan(0, Math.Max(0, Value.IndexOf('/', StringComparison.Ordinal)));

    /// <summary>The part after the first slash.</summary>
    public string Name => Value[(Value.IndexOf('/', StringComparison.Ordinal) + 1)..];

    public static EntityId Cluster(string scope = "all") => Of("cluster", scope);

    public static EntityId Node(string node) => Of("node", node);

    public static EntityId Peer(string observer, string peer) => Of("peer", observer, peer);

    public static EntityId Volume(string volume) => Of("volume", volume);

    /// <param name="hostAndPath">As Gluster writes it, <c>host:/path</c>.</param>
    /// <param name="volume">The volume, or <see cref="AnyVolume"/>.</param>
    public static EntityId Brick(string volume, string hostAndPath) => Of("brick", volume, hostAndPath);

    public static EntityId Daemon(string node, string daemon, string? volume = null) =>
        volume is null ? Of("daemon", node, daemon) : Of("daemon", node, daemon, volume);

    public static EntityId Quorum(string volume) => Of("quorum", volume);

    /// <param name="volume">The volume's name.</param>
    /// <param name="part">The translator behind it, such as <c>replicate-0</c>.</param>
    public static EntityId Subvolume(string volume, string part) => Of("subvol", volume, part);

    /// <summary>Puts an id together from its parts.</summary>
    /// <exception cref="FormatException">A part is empty or has control characters, or the whole is too long.</exception>
    public static EntityId Of(string kind, params ReadOnlySpan<string> parts) => Parse(kind + "/" + string.Join('/', parts!));

    /// <exception cref="FormatException">The text is no entity id; the message says why.</exception>
    public static EntityId Parse(string text) =>
        TryParse(text, out EntityId id, out string? error) ? id : throw new FormatException(error);

    public static bool TryParse([NotNullWhen(true)] string? text, out EntityId id) => TryParse(text, out id, out _);

    public int CompareTo(EntityId other) => string.CompareOrdinal(Value, other.Value);

    public override string ToString() => Value;

    /// <summary>True when the id begins with a prefix such as <c>peer/gl1/</c>.</summary>
    public bool IsWithin(string prefix) => Value.StartsWith(prefix, StringComparison.Ordinal);

    private static bool TryParse(string? text, out EntityId id, [NotNullWhen(false)] out string? error)
    {
        id = default;
        int slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        error = text switch
        {
            null or "" => "an entity id is needed, such as volume/gv0",
            { Length: > MaximumLength } => $"an entity id has at most {MaximumLength} characters, this one has {text.Length}",
            _ when slash <= 0 || slash == text.Length - 1 => $"'{Shorten(text)}' is no entity id: it needs a kind and a name, such as volume/gv0",
            _ when text.AsSpan().ContainsAnyInRange('\0', '\x1f') => "an entity id can't hold control characters",
            _ => null,
        };
        if (error is not null)
        {
            return false;
        }

        id = new EntityId(text!);
        return true;
    }

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..60] + "…";

    public static bool operator <(EntityId left, EntityId right) => left.CompareTo(right) < 0;

    public static bool operator >(EntityId left, EntityId right) => left.CompareTo(right) > 0;

    public static bool operator <=(EntityId left, EntityId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(EntityId left, EntityId right) => left.CompareTo(right) >= 0;
}

/// <summary>Reads and writes an entity id as its text.</summary>
public sealed class EntityIdJsonConverter : JsonConverter<EntityId>
{
    public override EntityId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        EntityId.TryParse(reader.GetString(), out EntityId id) ? id : throw new JsonException("not an entity id");

    public override void Write(Utf8JsonWriter writer, EntityId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}
