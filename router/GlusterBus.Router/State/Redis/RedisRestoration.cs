using GlusterBus.Contracts.Pipeline;
using GlusterBus.Router.Decisions;
using GlusterBus.Router.State.Redis.Protocol;

namespace GlusterBus.Router.State.Redis;

/// <summary>Writes a lost table anew, in steps that are marked as half done until the last.</summary>
internal sealed class RedisRestoration(RedisConnection connection, IReadOnlyList<string> keys, RedisLease lease, TimeProvider clock)
{
    private const int Page = 2000;

    private static readonly RedisScript Script = RedisScript.Load("restore");

    public async Task RunAsync(TableContents contents, CancellationToken cancellationToken)
    {
        (long published, long position, IReadOnlyList<ArchivedTransition> unpublished) = lease.Outbox();
        published = Math.Max(published, contents.Published);
        await StepAsync(
            "begin",
            arguments => arguments.Add(contents.Generation.Length > 0 ? contents.Generation : lease.Generation).Add(contents.SequenceBase)
                .Add(published).Add(Math.Max(position, published)),
            cancellationToken);
        foreach (StateEntry[] page in contents.Entries.Chunk(Page))
        {
            await StepAsync("entries", arguments => Array.ForEach(page, entry => arguments.Add(entry.Entity.Value).Add(StateEntryJson.Write(entry))), cancellationToken);
        }

        DateTimeOffset now = clock.GetUtcNow();
        foreach (KeyValuePair<string, AppliedSequence>[] page in contents.Applied.Chunk(Page))
        {
            await StepAsync("applied", arguments => Array.ForEach(page, stream => arguments.Add(stream.Key).Add(RedisApplied.Write(stream.Value, now))), cancellationToken);
        }

        foreach (ArchivedTransition[] page in unpublished.Where(transition => transition.Position > published).Chunk(Page))
        {
            await StepAsync("outbox", arguments => Array.ForEach(page, transition => arguments.Add(transition.Position).Add(transition.Json.Span)), cancellationToken);
        }

        await StepAsync("end", static _ => { }, cancellationToken);
    }

    private async Task StepAsync(string step, Action<RespArguments> add, CancellationToken cancellationToken)
    {
        RespArguments arguments = lease.Arguments().Add(step);
        add(arguments);
        RedisLease.Demand(lease.Epoch, await connection.RunAsync(Script, keys, arguments, cancellationToken));
    }
}
