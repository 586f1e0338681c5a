using GlusterBus.Contracts.Topology;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Notifiers.Broker;

/// <summary>An error queue as people name it.</summary>
/// <param name="Name">The notifier, or <see cref="Router"/>.</param>
/// <param name="Queue">The queue whose error queue it is.</param>
public sealed record ErrorQueueName(string Name, string Queue)
{
    /// <summary>The name under which people find what routers parked. A notifier of this name goes before it; the queue's whole name always leads there.</summary>
    public const string RouterName = "router";

    /// <summary>What routers could not read.</summary>
    public static readonly ErrorQueueName Router = new(RouterName, BrokerNames.Observations);

    /// <summary>True when routers feed it, and not a notifier.</summary>
    public bool IsRouters => Queue == BrokerNames.Observations;

    /// <summary>The error queue's name on the broker.</summary>
    public string ErrorQueue => BrokerNames.ErrorQueue(Queue);

    public static ErrorQueueName Of(string notifier) => new(notifier, BrokerNames.NotifierQueue(notifier));

    /// <summary>The error queues of these notifiers and that of the routers.</summary>
    public static IReadOnlyList<ErrorQueueName> All(IEnumerable<string> notifiers) => [.. notifiers.Select(Of), notifiers.Contains(RouterName) ? Router with { Name = Router.ErrorQueue } : Router];

    /// <summary>Reads what somebody typed: the name of a notifier, of an error queue on the broker or of the queue beside it, or <see cref="RouterName"/>.</summary>
    /// <returns>Null when it can't be the name of any queue. Whether the queue exists only the broker knows.</returns>
    public static ErrorQueueName? Parse(string text, IReadOnlyCollection<string> notifiers)
    {
        if (notifiers.Contains(text))
        {
            return Of(text);
        }

        string queue = text.EndsWith(BrokerNames.ErrorSuffix, StringComparison.Ordinal) ? text[..^BrokerNames.ErrorSuffix.Length] : text;
        if (queue is RouterName or BrokerNames.Observations)
        {
            return Router;
        }

        string prefix = BrokerNames.NotifierQueue("");
        string notifier = queue.StartsWith(prefix, StringComparison.Ordinal) ? queue[prefix.Length..] : text;
        return notifier.Length > 0 && NotifierNames.Problem(notifier) is null ? Of(notifier) : null;
    }

    /// <summary>What to write instead of a name that leads nowhere: "did you mean …? there are: …".</summary>
    public static string Suggestion(string text, IReadOnlyCollection<string> notifiers)
    {
        string[] names = [.. All(notifiers).Select(name => name.Name)];
        return $"{Spelling.Meant(text, names)}there are: {string.Join(", ", names)}";
    }
}
