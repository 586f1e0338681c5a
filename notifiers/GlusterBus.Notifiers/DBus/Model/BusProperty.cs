using System.Text;

namespace GlusterBus.Notifiers.DBus.Model;

/// <summary>A property with its value.</summary>
/// <param name="Name">In the way of D-Bus, such as <c>BrickCount</c>.</param>
/// <param name="Signature">D-Bus's name of the type: <c>s i u t b</c> or <c>a{ss}</c>.</param>
/// <param name="Value">A string, int, uint, ulong, bool or a dictionary of texts, as the signature says.</param>
internal sealed record BusProperty(string Name, string Signature, object Value)
{
    public static BusProperty Of(string name, string value) => new(name, "s", BusText.Clean(value));

    public static BusProperty Of(string name, int value) => new(name, "i", value);

    public static BusProperty Of(string name, uint value) => new(name, "u", value);

    public static BusProperty Of(string name, ulong value) => new(name, "t", value);

    public static BusProperty Of(string name, bool value) => new(name, "b", value);

    public static BusProperty Of(string name, IEnumerable<KeyValuePair<string, string>> values) => new(name, "a{ss}", values
        .Select(pair => KeyValuePair.Create(BusText.Clean(pair.Key), BusText.Clean(pair.Value)))
        .DistinctBy(pair => pair.Key)
        .ToDictionary(StringComparer.Ordinal));

    /// <summary>At most so many bytes of a message, with name, lengths and what alignment adds.</summary>
    public long Size => 30 + Name.Length + Value switch
    {
        string text => Encoding.UTF8.GetByteCount(text),
        Dictionary<string, string> pairs => pairs.Sum(pair => 20L + Encoding.UTF8.GetByteCount(pair.Key) + Encoding.UTF8.GetByteCount(pair.Value)),
        _ => 0,
    };

    public bool Equals(BusProperty? other) =>
        other is not null && Name == other.Name && Signature == other.Signature
        && (Value is Dictionary<string, string> mine && other.Value is Dictionary<string, string> theirs
            ? mine.Count == theirs.Count && mine.All(pair => theirs.TryGetValue(pair.Key, out string? value) && value == pair.Value)
            : Value.Equals(other.Value));

    public override int GetHashCode() => HashCode.Combine(Name, Signature);
}
