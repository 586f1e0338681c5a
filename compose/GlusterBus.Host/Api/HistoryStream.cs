using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using GlusterBus.Contracts.Pipeline;
using Microsoft.AspNetCore.Http;

namespace GlusterBus.Host.Api;

/// <summary>Sends the past as it is read, a line each, however much it is. Whoever asks for it also gets lines that tell how far the reading has come:
/// <c>{"progress":0.4}</c>. What goes wrong after the first line is a last one: <c>{"error":"…"}</c>.</summary>
internal sealed class HistoryStream(ITransitionHistory history, TimeProvider clock)
{
    /// <summary>What a line of progress begins with.</summary>
    public const string ProgressLine = "{\"progress\":";

    /// <summary>What the line of a failure begins with.</summary>
    public const string ErrorLine = "{\"error\":";

    private const int Flush = 64 * 1024;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <param name="context">The request.</param>
    /// <param name="query">What it asks for.</param>
    /// <param name="tellsProgress">True when it wants to know how far the reading has come.</param>
    public async Task SendAsync(HttpContext context, HistoryQuery query, bool tellsProgress)
    {
        CancellationToken cancelled = context.RequestAborted;
        IBufferWriter<byte> output = context.Response.BodyWriter;
        context.Response.ContentType = ApiAnswer.Lines;
        var progress = new HistoryProgress();
        await using IAsyncEnumerator<ArchivedTransition> past = history.ReadAsync(query, progress, cancelled).GetAsyncEnumerator(cancelled);
        try
        {
            int pending = 0;
            long told = clock.GetTimestamp();
            while (await MovedAsync(past, context, progress, tellsProgress, pending > 0))
            {
                output.Write(past.Current.Json.Span);
                output.Write("\n"u8);
                pending += past.Current.Json.Length;
                if (pending > Flush)
                {
                    pending = 0;
                    if (tellsProgress && clock.GetElapsedTime(told) > Interval)
                    {
                        told = clock.GetTimestamp();
                        Tell(output, progress);
                    }

                    await context.Response.BodyWriter.FlushAsync(cancelled);
                }
            }
        }
        catch (ArchiveUnreachableException e) when (context.Response.HasStarted)
        {
            output.Write(Encoding.UTF8.GetBytes(ErrorLine + JsonSerializer.Serialize(e.Message, ErrorJson.Default.String) + "}\n"));
        }

        await context.Response.BodyWriter.FlushAsync(cancelled);
    }

    /// <summary>Goes on to the next. While there is none yet, what was written goes out, and then how far the reading has come.</summary>
    private async ValueTask<bool> MovedAsync(IAsyncEnumerator<ArchivedTransition> past, HttpContext context, HistoryProgress progress, bool tellsProgress, bool hasPending)
    {
        ValueTask<bool> next = past.MoveNextAsync();
        if (next.IsCompleted)
        {
            return await next;
        }

        Task<bool> moved = next.AsTask();
        if (hasPending)
        {
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        }

        while (tellsProgress && await Task.WhenAny(moved, Task.Delay(Interval, clock, context.RequestAborted)) != moved && !context.RequestAborted.IsCancellationRequested)
        {
            Tell(context.Response.BodyWriter, progress);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        }

        return await moved;
    }

    private static void Tell(IBufferWriter<byte> output, HistoryProgress progress)
    {
        if (progress.Total > 0)
        {
            output.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{ProgressLine}{Math.Min(1, (double)progress.Read / progress.Total):0.000}}}\n")));
        }
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class ErrorJson : System.Text.Json.Serialization.JsonSerializerContext;
