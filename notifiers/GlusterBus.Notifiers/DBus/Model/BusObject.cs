namespace GlusterBus.Notifiers.DBus.Model;

/// <summary>An object as the bus shows it: a value.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Interface">The one interface of its own.</param>
/// <param name="Properties">Those that some source provides, in a fixed order.</param>
internal sealed record BusObject(string Path, string Interface, IReadOnlyList<BusProperty> Properties)
{
    /// <summary>At most so many bytes of a message.</summary>
    public long Size => 40 + Path.Length + Interface.Length + Properties.Sum(p => p.Size);
}

/// <summary>What has to be done on the bus.</summary>
internal enum BusChangeKind
{
    /// <summary>An object appeared.</summary>
    Added,

    /// <summary>Some of its properties changed, or it has more of them.</summary>
    Changed,

    /// <summary>A property is no longer known. The bus has no word for that but the object leaving and coming back.</summary>
    Replaced,

    /// <summary>An object is gone.</summary>
    Removed,
}

/// <summary>One step from what the bus shows to what it shall show.</summary>
/// <param name="Kind">What has to be done.</param>
/// <param name="Object">The object afterwards; the last one where it is gone.</param>
/// <param name="Names">The properties that changed or came, where it was there before.</param>
internal sealed record BusChange(BusChangeKind Kind, BusObject Object, IReadOnlyList<string> Names)
{
    /// <summary>The step between two states of one object; null when there is nothing to do. Pure.</summary>
    public static BusChange? Between(BusObject? before, BusObject? after)
    {
        if (before is null || after is null)
        {
            return after is not null ? new BusChange(BusChangeKind.Added, after, [])
                : before is not null ? new BusChange(BusChangeKind.Removed, before, [])
                : null;
        }

        Dictionary<string, BusProperty> known = before.Properties.ToDictionary(p => p.Name, StringComparer.Ordinal);
        string[] changed = [.. after.Properties.Where(p => !p.Equals(known.GetValueOrDefault(p.Name))).Select(p => p.Name)];
        bool isLess = known.Keys.Except(after.Properties.Select(p => p.Name), StringComparer.Ordinal).Any();
        return isLess ? new BusChange(BusChangeKind.Replaced, after, changed)
            : changed.Length > 0 ? new BusChange(BusChangeKind.Changed, after, changed)
            : null;
    }
}
