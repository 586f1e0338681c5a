using System.Text;
using GlusterBus.Contracts.Topology;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Notifiers.Broker;

/// <summary>Which names of notifiers can be names of queues.</summary>
public static class NotifierNames
{
    /// <summary>The most bytes of a queue's name (AMQP 0-9-1, shortstr).</summary>
    private const int MaximumBytes = 255;

    /// <summary>What is wrong with a name; null when nothing is.</summary>
    public static ConfigurationProblem? Problem(string notifier)
    {
        string? problem = (string[])[BrokerNames.ErrorSuffix, BrokerNames.BindingsSuffix] is var reserved && Array.Find(reserved, suffix => notifier.EndsWith(suffix, StringComparison.Ordinal)) is { } found
            ? $"a notifier's name may not end with \"{found}\", which is kept for the queues beside its own"
            : Encoding.UTF8.GetByteCount(BrokerNames.BindingsQueue(notifier)) > MaximumBytes ? "the name is too long for a queue on the broker" : null;
        return problem is null ? null : new ConfigurationProblem("configuration", "notifiers." + notifier, problem);
    }
}
