using System.Buffers;
using System.Text.Json;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using Microsoft.AspNetCore.Http;

namespace GlusterBus.Host.Api;

/// <summary>Counts what was recorded in each part of a stretch of time, for a picture of it: reading it all would take whoever draws that too long.</summary>
internal sealed class HistoryCounts(ITransitionHistory history, TimeProvider clock)
{
    /// <summary>How long it may read. What it has by then it tells, and that it is not all.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The history is asked by when things happened and counted by when they were recorded: a report that was late by no more than this is counted.</summary>
    private static readonly TimeSpan Lateness = TimeSpan.FromMinutes(10);

    /// <summary>What happened in one part.</summary>
    /// <param name="Count">Transitions.</param>
    /// <param name="Bad">Those of them that are a warning or graver.</param>
    /// <param name="Worst">The gravest.</param>
    internal readonly record struct Bin(int Count, int Bad, Severity Worst)
    {
        public Bin With(Severity severity) => new(Count + 1, Bad + (severity >= Severity.Warning ? 1 : 0), severity > Worst ? severity : Worst);
    }

    public async Task SendAsync(HttpContext context, DateTimeOffset since, DateTimeOffset until, int bins, TransitionFilter filter)
    {
        (IReadOnlyList<Bin> counted, bool isComplete) = await CountAsync(since, until, bins, filter, context.RequestAborted);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("since", TransitionJson.Time(since));
            json.WriteString("until", TransitionJson.Time(until));
            json.WriteBoolean("complete", isComplete);
            json.WriteStartArray("bins");
            foreach (Bin bin in counted)
            {
                json.WriteStartObject();
                json.WriteNumber("count", bin.Count);
                json.WriteNumber("bad", bin.Bad);
                json.WriteString("worst", bin.Worst.Name());
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        context.Response.ContentType = "application/json";
        await context.Response.BodyWriter.WriteAsync(buffer.WrittenMemory, context.RequestAborted);
    }

    /// <param name="since">The beginning, inclusive.</param>
    /// <param name="until">The end, exclusive, after the beginning.</param>
    /// <param name="bins">Into how many parts of the same length it is cut.</param>
    /// <param name="filter">What counts.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The parts, and whether all was read in time.</returns>
    internal async Task<(IReadOnlyList<Bin> Bins, bool IsComplete)> CountAsync(
        DateTimeOffset since, DateTimeOffset until, int bins, TransitionFilter filter, CancellationToken cancellationToken)
    {
        var counted = new Bin[bins];
        using var patience = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var query = new HistoryQuery { Since = Earlier(since), Until = until, Filter = filter };
        try
        {
            await foreach (ArchivedTransition record in history.ReadAsync(query, new HistoryProgress(), either.Token))
            {
                either.Token.ThrowIfCancellationRequested();
                DateTimeOffset at = record.Transition.RecordedAt;
                if (at >= since && at < until)
                {
                    int bin = (int)((at - since).Ticks * (Int128)bins / (until - since).Ticks);
                    counted[bin] = counted[bin].With(record.Transition.Severity);
                }
            }

            return (counted, true);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return (counted, false);
        }
    }

    private static DateTimeOffset Earlier(DateTimeOffset time) => time - DateTimeOffset.MinValue > Lateness ? time - Lateness : DateTimeOffset.MinValue;
}
