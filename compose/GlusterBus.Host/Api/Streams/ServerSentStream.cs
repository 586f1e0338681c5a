using System.Buffers;
using System.Globalization;
using System.Text;
using GlusterBus.Contracts.Pipeline;
using Microsoft.AspNetCore.Http;

namespace GlusterBus.Host.Api.Streams;

/// <summary>Transitions as server-sent events: each with its position as the id, so that a client that comes back misses nothing.</summary>
internal sealed class ServerSentStream(TransitionFeed feed, CancellationToken stopping)
{
    /// <summary>A comment goes out so often when nothing else does: both ends learn of a dead connection.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    public async Task SendAsync(HttpContext context)
    {
        TransitionFilter filter = ApiQuery.Filter(context.Request);
        await using FeedCursor cursor = await feed.OpenAsync(filter, ApiQuery.Start(context.Request), context.RequestAborted);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        context.Response.ContentType = ApiAnswer.Events;
        context.Response.Headers.CacheControl = "no-store";
        IBufferWriter<byte> output = context.Response.BodyWriter;

        // The first bytes tell the client that it is connected, and from where it would have to resume.
        Write(output, $"retry: 1000\nid: {cursor.Position}\n: connected\n\n");
        await context.Response.BodyWriter.FlushAsync(ended.Token);
        while (true)
        {
            FeedBatch batch = await cursor.NextAsync(Heartbeat, ended.Token);
            if (batch.Missed)
            {
                output.Write(": some are missing: the record no longer has all since the last id\n\n"u8);
            }

            foreach (ArchivedTransition transition in batch.Transitions)
            {
                Write(output, $"id: {transition.Position}\ndata: ");
                output.Write(transition.Json.Span);
                output.Write("\n\n"u8);
            }

            if (batch.Transitions.Count == 0 && !batch.Missed)
            {
                output.Write(": nothing new\n\n"u8);
            }

            await context.Response.BodyWriter.FlushAsync(ended.Token);
        }
    }

    private static void Write(IBufferWriter<byte> output, FormattableString text) => output.Write(Encoding.UTF8.GetBytes(text.ToString(CultureInfo.InvariantCulture)));
}
