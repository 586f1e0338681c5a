namespace GlusterBus.Notifiers.DBus.Model;

/// <summary>Which node <c>/org/glusterbus/glusterd</c> stands for. Pure.</summary>
internal static class OwnNode
{
    /// <param name="nodes">All nodes of the cluster.</param>
    /// <param name="configured">The name in the configuration; null when it has none.</param>
    /// <param name="machine">This machine's name.</param>
    /// <returns>Null rather than a guess: which of many nodes this is can only be told.</returns>
    public static string? Of(IReadOnlyCollection<string> nodes, string? configured, string machine) =>
        configured is not null ? (nodes.Contains(configured) ? configured : null)
        : nodes.Contains(machine) ? machine
        : nodes.Count == 1 ? nodes.First()
        : null;
}
