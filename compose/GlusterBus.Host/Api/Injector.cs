using System.Net;
using System.Text;
using GlusterBus.Collectors.GlusterEvents;
using GlusterBus.Collectors.LogTail;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Host.Api;

/// <summary>Feeds observations, verbatim datagrams and verbatim log lines to the running router, through the readers that the collectors use.</summary>
/// <param name="injection">Takes them and tells the outcome.</param>
/// <param name="node">The node that they are said to come from.</param>
/// <param name="events">How the gf_event collector is configured.</param>
/// <param name="clock">Stamps what has no time of its own.</param>
public sealed class Injector(IInjection injection, NodeContext node, GlusterEventsOptions events, TimeProvider clock)
{
    /// <summary>The source of injected observations.</summary>
    public const string Source = "emit";

    private long _sequence;

    /// <summary>Publishes what the request tells and says what became of each observation.</summary>
    /// <exception cref="BadRequestException">The request makes no sense; the message names the member.</exception>
    public async Task<IReadOnlyList<EmitResult>> EmitAsync(EmitRequest request, CancellationToken cancellationToken)
    {
        IReadOnlyList<Observation> read = (request.Entity, request.Datagram, request.LogLine) switch
        {
            (not null, null, null) => [FromEntity(request)],
            (null, not null, null) => FromDatagram(request.Datagram),
            (null, null, not null) => FromLogLine(request),
            _ => throw new BadRequestException("give exactly one of entity, datagram and logLine"),
        };

        // A stream of its own that begins anew with each start of the instance: nothing of it can be a repetition.
        Observation[] numbered = [.. read.Select(observation => observation with { Sequence = Interlocked.Increment(ref _sequence) })];
        var batch = new ObservationBatch { Stream = $"{node.Name}/{Source}", Epoch = node.Epoch, Observations = numbered };
        return await injection.InjectAsync(batch, cancellationToken);
    }

    private Observation FromEntity(EmitRequest request)
    {
        if (!EntityId.TryParse(request.Entity, out EntityId entity))
        {
            throw new BadRequestException($"entity: '{request.Entity}' is no entity id; it needs a kind and a name, such as volume/gv0");
        }

        EntityKind kind = EntityKinds.Of(entity)
            ?? throw new BadRequestException($"entity: there is no kind '{entity.Kind}'; there are {string.Join(", ", EntityKinds.All.Select(k => k.Name).Order(StringComparer.Ordinal))}");
        if (request.State is { } state && !kind.States.ContainsKey(state))
        {
            throw new BadRequestException($"state: a {kind.Name} is never '{state}'; it is {string.Join(", ", kind.States.Keys)}");
        }

        if (request.State is not null && request.Occurrence is not null)
        {
            throw new BadRequestException("occurrence: an observation tells either a state or an occurrence");
        }

        if (request.State is null && request.Occurrence is null && request.Attributes is not { Count: > 0 })
        {
            throw new BadRequestException("state: an observation needs a state, an occurrence or attributes");
        }

        DateTimeOffset now = clock.GetUtcNow();
        return new Observation
        {
            Entity = entity,
            State = request.State,
            Occurrence = request.Occurrence,
            OccurrenceSeverity = request.Severity ?? Severity.Info,
            Attributes = request.Attributes ?? Observation.NoAttributes,
            Source = Source,
            Node = node.Name,
            ObservedAt = now,
            Evidence = new Evidence("injected", "glusterbus emit", null, node.Name, now),
        };
    }

    private IReadOnlyList<Observation> FromDatagram(string datagram)
    {
        GlusterEventReading reading = GlusterEventReader.Read(Encoding.UTF8.GetBytes(datagram), IPAddress.Loopback, isTrusted: true, clock.GetUtcNow(), node, events);
        return reading switch
        {
            { Error: { } error } => throw new BadRequestException($"datagram: {error.Text}"),
            { Ignored: { } ignored } => throw new BadRequestException($"datagram: {reading.Event!.Name} is read and left alone ({ignored.ToString().ToLowerInvariant()})"),
            { Observations.Count: 0 } => throw new BadRequestException($"datagram: {reading.Event!.Name} is read and tells nothing of any entity"),
            _ => reading.Observations,
        };
    }

    private List<Observation> FromLogLine(EmitRequest request)
    {
        LogKind kind = request.Log switch
        {
            null or "glusterd" => LogKind.Glusterd,
            "brick" => LogKind.Brick,
            "shd" => LogKind.SelfHeal,
            "mount" => LogKind.Mount,
            string other => throw new BadRequestException($"log: there is no '{other}'; there are glusterd, brick, shd and mount"),
        };
        byte[] line = Encoding.UTF8.GetBytes(request.LogLine!.TrimEnd('\n', '\r'));
        List<Observation> observations = [];
        var context = new LogLineContext(kind, Source, 0, node, clock, request.BrickPath);
        int recognised = LogRuleSet.Embedded.IsWanted(line) ? LogRuleSet.Embedded.Read(line, context, observations) : 0;
        return observations.Count > 0 ? observations : throw new BadRequestException(recognised > 0
            ? "logLine: a rule knows the line and it tells nothing of any entity"
            : $"logLine: no rule for {request.Log ?? "glusterd"} logs wants this line");
    }
}
