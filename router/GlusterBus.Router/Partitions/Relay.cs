using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
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
/// <param name="cluster">For the metrics.</param>
/// <param name="outbox">What is to be published.</param>
/// <param name="table">Wakes the relay.</param>
/// <param name="channel">A channel with confirms.</param>
/// <param name="verify">Brings back a table that has lost its content.</param>
internal sealed class Relay(string cluster, IOutbox outbox, WatchedTable table, IChannel channel, Func<CancellationToken, Task> verify)
{
    /// <summary>The most transitions sent and not yet confirmed.</summary>
    private const int UnderWay = 1000;

    /// <summary>The header that tells under which epoch a transition was published. On a channel it never falls: a router that lost its partition can't publish.</summary>
    public const string EpochHeader = "glusterbus-epoch";

    private static readonly Counter<long> Published = Telemetry.Meter.CreateCounter<long>(
        "glusterbus_relayed_transitions_total", description: "Transitions published to their channels and confirmed by the broker");

    private readonly KeyValuePair<string, object?> _label = new("cluster", cluster);
    private readonly Channel<(long Position, Task Confirmed)> _sent = Channel.CreateBounded<(long, Task)>(new BoundedChannelOptions(UnderWay) { SingleReader = true, SingleWriter = true });

    /// <summary>Runs until cancelled. Throws when the table belongs to another router or does not answer, or when the broker does not take a transition.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        TableContents opened = table.Opened ?? throw new InvalidOperationException("the table is not open");
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task send = SendAsync(opened, ending.Token);
        Task note = NoteAsync(opened.Epoch, ending.Token);
        Task first = await Task.WhenAny(send, note);
        await ending.CancelAsync();
        await Task.WhenAll(send, note).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first;
    }

    /// <summary>Hands one after the other to the broker without waiting for confirms: a wait for each, or for each page, would cost a write to the broker's disk every time.</summary>
    private async Task SendAsync(TableContents opened, CancellationToken cancellationToken)
    {
        long position = opened.Published;
        Published.Add(0, _label);
        while (true)
        {
            IReadOnlyList<ArchivedTransition> next = outbox.Next(opened.Epoch, position, UnderWay);
            if (next.Count == 0)
            {
                await table.Appended.WaitAsync(cancellationToken);
            }

            foreach (ArchivedTransition archived in next)
            {
                position = archived.Position;
                await _sent.Writer.WriteAsync((position, SendAsync(archived, opened.Epoch, cancellationToken)), cancellationToken);
            }
        }
    }

    private Task SendAsync(ArchivedTransition archived, long epoch, CancellationToken cancellationToken)
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
        return transition.TraceParent is { } trace ? PublishTracedAsync(archived, properties, trace, cancellationToken) : PublishAsync(archived, properties, cancellationToken);
    }

    /// <summary>Notes what is confirmed, as much as there is at a time.</summary>
    private async Task NoteAsync(long epoch, CancellationToken cancellationToken)
    {
        while (await _sent.Reader.WaitToReadAsync(cancellationToken))
        {
            (int count, long position) = (0, 0);
            while (_sent.Reader.TryPeek(out (long Position, Task Confirmed) oldest) && (count == 0 || oldest.Confirmed.IsCompleted))
            {
                await oldest.Confirmed;
                _sent.Reader.TryRead(out _);
                (count, position) = (count + 1, oldest.Position);
            }

            Published.Add(count, _label);
            await NoteAsync(epoch, position, cancellationToken);
            table.Published();
        }
    }

    private async Task NoteAsync(long epoch, long position, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await outbox.PublishedAsync(epoch, position, cancellationToken);
                return;
            }
            catch (StateTableEmptiedException)
            {
                // Only the router's memory can bring it back, and it does so with a commit.
                await verify(cancellationToken);
            }
        }
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
