using System.Diagnostics;
using System.Diagnostics.Metrics;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Topology;
using GlusterBus.Router.State;
using GlusterBus.Runtime.Telemetry;
using RabbitMQ.Client;

namespace GlusterBus.Router.Partitions;

/// <summary>Publishes a cluster's outbox to the channels: in order, each confirmed, and only then noted as published.</summary>
/// <remarks>It publishes on the connection that delivers the partition to this router. When the broker has given the partition to another router, it has
/// closed that connection, and nothing stale can arrive any more (docs/adr/0009).</remarks>
internal sealed class Relay(string cluster, IOutbox outbox, WatchedTable table, IChannel channel)
{
    /// <summary>The most transitions read and published at once.</summary>
    private const int Page = 500;

    /// <summary>The header that tells under which epoch a transition was published. On a channel it never falls: a router that lost its partition can't publish.</summary>
    public const string EpochHeader = "glusterbus-epoch";

    private static readonly Counter<long> Published = Telemetry.Meter.CreateCounter<long>(
        "glusterbus_relayed_transitions_total", description: "Transitions published to their channels and confirmed by the broker");

    private readonly KeyValuePair<string, object?> _label = new("cluster", cluster);

    /// <summary>Runs until cancelled. Throws when the table belongs to another router or does not answer, or when the broker does not take a transition.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        TableContents opened = table.Opened ?? throw new InvalidOperationException("the table is not open");
        long position = opened.Published;
        Published.Add(0, _label);
        while (true)
        {
            IReadOnlyList<ArchivedTransition> next = await outbox.ReadAsync(opened.Epoch, position, Page, cancellationToken);
            if (next.Count == 0)
            {
                await table.Appended.WaitAsync(cancellationToken);
                continue;
            }

            await PublishAsync(next, opened.Epoch, cancellationToken);
            position = next[^1].Position;
            Published.Add(next.Count, _label);
            table.Published(next.Count);
            await outbox.PublishedAsync(opened.Epoch, position, cancellationToken);
        }
    }

    /// <summary>Hands all of them to the broker one after the other, and waits for all confirms together.</summary>
    private async Task PublishAsync(IReadOnlyList<ArchivedTransition> transitions, long epoch, CancellationToken cancellationToken)
    {
        var confirms = new List<Task>(transitions.Count);
        foreach (ArchivedTransition archived in transitions)
        {
            Transition transition = archived.Transition;
            var properties = new BasicProperties
            {
                Persistent = true,
                ContentType = TransitionJson.ContentType,
                MessageId = transition.Id,
                Type = TransitionJson.TypePrefix + transition.Entity.Kind + "." + transition.Change,
                Headers = new Dictionary<string, object?> { [EpochHeader] = epoch },
            };
            confirms.Add(transition.TraceParent is { } trace
                ? PublishTracedAsync(archived, properties, trace, cancellationToken)
                : PublishAsync(archived, properties, cancellationToken));
        }

        await Task.WhenAll(confirms);
    }

    private Task PublishAsync(ArchivedTransition archived, BasicProperties properties, CancellationToken cancellationToken) => channel.BasicPublishAsync(
        BrokerNames.Channel(archived.Transition.Entity.Kind), ChannelKey.Of(archived.Transition), mandatory: false, properties, archived.Json, cancellationToken).AsTask();

    /// <summary>The span of a relaying lasts until the broker has confirmed. The body keeps the decision's: it is the same on every repetition.</summary>
    private async Task PublishTracedAsync(ArchivedTransition archived, BasicProperties properties, string trace, CancellationToken cancellationToken)
    {
        using Activity? activity = TraceContext.Continue("relay", ActivityKind.Producer, trace);
        activity?.SetTag("messaging.system", "rabbitmq").SetTag("messaging.destination.name", BrokerNames.Channel(archived.Transition.Entity.Kind))
            .SetTag("messaging.message.id", properties.MessageId);
        properties.Headers![Telemetry.TraceParentHeader] = TraceContext.Next(activity, trace);
        try
        {
            await PublishAsync(archived, properties, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            throw;
        }
    }
}
