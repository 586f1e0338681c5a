using System.Buffers;
using System.Globalization;
using System.Text;
using GlusterBus.Contracts.Pipeline;
using Microsoft.AspNetCore.Http;

namespace GlusterBus.Host.Api;

/// <summary>Transitions as server-sent events: each with its position as the id, so that a client that comes back misses nothing.</summary>
internal sealed class LiveTransitions(ITransitionArchive archive, TimeProvider clock, CancellationToken stopping)
{
    /// <summary>A comment goes out so often when nothing else does: both ends learn of a dead connection.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    private const int Page = 500;

    public async Task SendAsync(HttpContext context)
    {
        TransitionFilter filter = ApiQuery.Filter(context.Request);
        long position = ApiQuery.Start(context.Request, await archive.HeadAsync(context.RequestAborted));
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        context.Response.ContentType = ApiAnswer.Events;
        context.Response.Headers.CacheControl = "no-store";
        IBufferWriter<byte> output = context.Response.BodyWriter;

        // The first bytes tell the client that it is connected, and from where it would have to resume.
        output.Write(Encoding.UTF8.GetBytes($"retry: 1000\nid: {position.ToString(CultureInfo.InvariantCulture)}\n: connected\n\n"));
        await context.Response.BodyWriter.FlushAsync(ended.Token);
        while (true)
        {
            // Read before the query: what is recorded meanwhile is then found by the next one.
            long head = await archive.HeadAsync(ended.Token);
            IReadOnlyList<ArchivedTransition> found = await archive.QueryAsync(new ArchiveQuery { After = position, Filter = filter, Limit = Page }, ended.Token);
            foreach (ArchivedTransition transition in found)
            {
                output.Write(Encoding.UTF8.GetBytes($"id: {transition.Position.ToString(CultureInfo.InvariantCulture)}\ndata: "));
                output.Write(transition.Json.Span);
                output.Write("\n\n"u8);
            }

            position = Math.Max(position, found.Count == 0 ? head : found[^1].Position);
            if (found.Count > 0)
            {
                await context.Response.BodyWriter.FlushAsync(ended.Token);
                continue;
            }

            if (!await RecordedAsync(position, ended.Token))
            {
                output.Write(": nothing new\n\n"u8);
                await context.Response.BodyWriter.FlushAsync(ended.Token);
            }
        }
    }

    /// <summary>True when something was recorded; false when a heartbeat is due.</summary>
    private async Task<bool> RecordedAsync(long position, CancellationToken cancellationToken)
    {
        using var due = new CancellationTokenSource(Heartbeat, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, due.Token);
        try
        {
            await archive.WaitAsync(position, either.Token);
            return true;
        }
        catch (OperationCanceledException) when (due.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
