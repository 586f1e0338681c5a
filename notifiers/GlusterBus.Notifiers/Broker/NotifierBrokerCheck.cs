using GlusterBus.Contracts.Plugins;
using GlusterBus.Contracts.Topology;
using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Notifiers.Broker;

/// <summary>Says before the start whether notifiers could receive: the broker's hosts, encryption, account, virtual host, the rights that each notifier's queue
/// needs, and whether the queue suits that is there.</summary>
/// <remarks>Leaves nothing behind, and needs no more than <see cref="BrokerPermissions.Notifier"/>.</remarks>
public static class NotifierBrokerCheck
{
    /// <summary>Nothing is published with this key, so that the queue of the check stays empty.</summary>
    private const string UnusedKey = "check";

    /// <summary>Runs the whole check; throws for nothing but cancellation.</summary>
    /// <param name="options">The section <c>rabbitMq</c>.</param>
    /// <param name="notifiers">The notifiers' configured names.</param>
    /// <param name="clock">Bounds the waits and tells the age of certificates.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    public static async Task<IReadOnlyList<CheckResult>> RunAsync(RabbitMqOptions options, IReadOnlyList<string> notifiers, TimeProvider clock, CancellationToken cancellationToken)
    {
        CheckResult[] unfit = [.. notifiers.Select(NotifierNames.Problem).OfType<ConfigurationProblem>().Select(problem => new CheckResult(problem.Path, problem.Text, "give it another name"))];
        return
        [
            .. unfit,
            .. await BrokerCheck.RunAsync(
                options, BrokerPermissions.Notifier, (trial, cancelled) => UseAsync(trial, [.. notifiers.Where(name => NotifierNames.Problem(name) is null)], cancelled), clock, cancellationToken),
        ];
    }

    private static async Task UseAsync(BrokerTrial trial, IReadOnlyList<string> notifiers, CancellationToken cancellationToken)
    {
        const string Channels = $"channels ({BrokerNames.AllChannel} and others)";
        bool hasChannels = await trial.TryAsync(
            Channels,
            channel => channel.ExchangeDeclarePassiveAsync(BrokerNames.AllChannel, cancellationToken),
            cancellationToken,
            e => BrokerFault.IsAbsence(e) ? new CheckResult(Channels, "no router has made them yet", "start a router first: glusterbus route", IsWarning: true) : null);
        foreach (string notifier in notifiers)
        {
            string queue = BrokerNames.NotifierQueue(notifier);
            if (await trial.TryBesideAsync(
                $"rights on {queue}",
                queue,
                (channel, own) => hasChannels ? channel.QueueBindAsync(own, BrokerNames.AllChannel, UnusedKey, cancellationToken: cancellationToken) : Task.CompletedTask,
                cancellationToken))
            {
                await trial.TryShapeAsync(NotifierTopology.Queue(notifier, prefetch: 1), cancellationToken);
            }

            await trial.NoteParkedAsync(BrokerNames.ErrorQueue(queue), notifier, cancellationToken);
        }
    }
}
