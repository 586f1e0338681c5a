using System.Collections.Frozen;
using System.Globalization;

namespace GlusterBus.Runtime.Gluster;

/// <summary>One of Gluster's events, as its list defines it.</summary>
/// <param name="Number">Place in the list of Gluster 3.10 and later.</param>
/// <param name="Name">Without the <c>EVENT_</c> prefix.</param>
/// <param name="IsSent">False when no code of Gluster sends it: a removed feature, or a sender that can't work.</param>
/// <param name="Keys">The known keys of its payload; empty when no sender exists to tell.</param>
public sealed record GlusterEventDefinition(int Number, string Name, bool IsSent, IReadOnlyList<GlusterEventKey> Keys);

/// <summary>A key of an event's payload.</summary>
/// <param name="Name">In lower case; ends with <c>#</c> when a number follows the name, as in <c>child-0</c>.</param>
/// <param name="IsRequired">True when the event tells nothing without it.</param>
public sealed record GlusterEventKey(string Name, bool IsRequired);

/// <summary>The meaning of the event numbers. A number is a place in a list, so it depends on Gluster's version.</summary>
/// <remarks>Gluster 3.10 to 11 agree (140 keys until 4.0, 142 since). Version 3.9 has one key more at 78, so that all
/// later ones are one place further down.</remarks>
public sealed class GlusterEventNames
{
    /// <summary>The key that only Gluster 3.9 has, at place 78.</summary>
    public const string OnlyInVersion39 = "BRICKS_START_FAILED";

    private const int ExtraPlace = 78;
    private static readonly GlusterEventDefinition[] Table = [.. GlusterEventTable.Text.Split('\n').Select(Definition)];
    private static readonly FrozenDictionary<string, GlusterEventDefinition> Index = Table.ToFrozenDictionary(d => d.Name, StringComparer.Ordinal);

    private readonly GlusterEventDefinition[] _byNumber;

    private GlusterEventNames(GlusterEventDefinition[] byNumber) => _byNumber = byNumber;

    /// <summary>The numbers of Gluster 3.10 and later.</summary>
    public static GlusterEventNames Current { get; } = new(Table);

    /// <summary>The numbers of Gluster 3.9.</summary>
    public static GlusterEventNames Version39 { get; } = new(
    [
        .. Table[..ExtraPlace],
        new GlusterEventDefinition(-1, OnlyInVersion39, IsSent: true, []),
        .. Table[ExtraPlace..],
    ]);

    /// <summary>All definitions in the order of their current numbers.</summary>
    public static IReadOnlyList<GlusterEventDefinition> All => Table;

    /// <summary>How many numbers have a meaning.</summary>
    public int Count => _byNumber.Length;

    /// <summary>The numbers as a version of Gluster has them. Everything before 3.10 is read as 3.9, the first with events.</summary>
    public static GlusterEventNames ForVersion(Version version) => version < new Version(3, 10) ? Version39 : Current;

    /// <summary>The definition behind a number on the wire; null when it has none.</summary>
    public GlusterEventDefinition? At(int number) => number >= 0 && number < _byNumber.Length ? _byNumber[number] : null;

    /// <summary>The definition of a name without <c>EVENT_</c>; null when Gluster has no such event.</summary>
    public static GlusterEventDefinition? Named(string name) => Index.GetValueOrDefault(name);

    private static GlusterEventDefinition Definition(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        IEnumerable<string> keys = words.Skip(3).Where(k => k != "*");
        return new GlusterEventDefinition(
            int.Parse(words[0], CultureInfo.InvariantCulture),
            words[1],
            words[2] == "sent",
            [.. keys.Select(k => new GlusterEventKey(k.TrimEnd('?'), !k.EndsWith('?')))]);
    }
}
