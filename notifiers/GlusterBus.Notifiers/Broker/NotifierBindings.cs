using System.Text;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Topology;

namespace GlusterBus.Notifiers.Broker;

/// <summary>A binding of a notifier's queue.</summary>
/// <param name="Exchange">A channel's exchange.</param>
/// <param name="RoutingKey">A pattern over <see cref="ChannelKey"/>.</param>
public readonly record struct NotifierBinding(string Exchange, string RoutingKey);

/// <summary>Which bindings a filter needs: at least one for every transition that it matches. What else they let through the worker drops.</summary>
public static class NotifierBindings
{
    /// <summary>Longer names are not named in a binding, since on the wire they may be shortened.</summary>
    private const int LongestName = 64;

    public static IReadOnlySet<NotifierBinding> Of(TransitionFilter filter)
    {
        string[]? kinds = filter.Channels.Count == 0 || filter.Channels.Contains("all") ? null : [.. filter.Channels];
        IEnumerable<(string Exchange, string Name)> wanted = filter.Entities.Count == 0
            ? Exchanges(kinds).Select(exchange => (exchange, "#"))
            : filter.Entities.SelectMany(pattern => Of(pattern, kinds));
        string[] clusters = filter.Clusters.Count == 0 ? ["*"] : [.. filter.Clusters.Select(ChannelKey.Escape)];
        return clusters.SelectMany(cluster => wanted.Select(w => new NotifierBinding(w.Exchange, Key(cluster, w.Name)))).ToHashSet();
    }

    /// <summary>A pattern without wildcards names one entity, and one whose kind is written out one channel.</summary>
    private static IEnumerable<(string Exchange, string Name)> Of(string pattern, string[]? kinds)
    {
        int slash = pattern.IndexOf('/', StringComparison.Ordinal);
        string kind = slash < 0 ? "*" : pattern[..slash];
        if (kind.Contains('*', StringComparison.Ordinal))
        {
            return Exchanges(kinds).Select(exchange => (exchange, "#"));
        }

        if (EntityKinds.Named(kind) is null || kinds?.Contains(kind) == false)
        {
            return [];
        }

        string name = pattern[(slash + 1)..];
        bool isOne = !name.Contains('*', StringComparison.Ordinal) && Encoding.UTF8.GetByteCount(name) <= LongestName;
        return [(BrokerNames.Channel(kind), isOne ? ChannelKey.Escape(name) + ".*" : "#")];
    }

    private static string Key(string cluster, string name) => cluster == "*" && name == "#" ? "#" : $"{cluster}.{name}";

    private static IEnumerable<string> Exchanges(string[]? kinds) => kinds is null ? [BrokerNames.AllChannel] : kinds.Select(BrokerNames.Channel);
}
