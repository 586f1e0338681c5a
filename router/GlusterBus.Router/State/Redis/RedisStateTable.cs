using System.Globalization;
using System.Text;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Router.Decisions;
using GlusterBus.Router.State.Redis.Connections;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Router.State.Redis;

/// <summary>The state table of one cluster and its outbox in Redis. Quiet transitions are not kept.</summary>
/// <remarks>One router opens it and then commits from one loop and publishes from another. What is not yet published is kept in memory too, so that
/// <see cref="RestoreAsync"/> brings it back. After <see cref="StateTableUnreachableException"/> it is not known what Redis holds: the table must be
/// opened again, and until then every call fails in the same way.</remarks>
public sealed class RedisStateTable(string cluster, RedisConnection connection, RedisOptions options, TimeProvider clock) : IRestorableStateTable, IClusterTable
{
    /// <summary>How long the place in a log stream is remembered: longer than any logrotate keeps files.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromDays(400);

    private static readonly TimeSpan ForgetInterval = TimeSpan.FromDays(1);

    private static readonly RedisScript OpenScript = RedisScript.Load("open");
    private static readonly RedisScript CommitScript = RedisScript.Load("commit");
    private static readonly RedisScript OutboxScript = RedisScript.Load("outbox");
    private static readonly RedisScript PublishedScript = RedisScript.Load("published");
    private static readonly RedisScript ForgetScript = RedisScript.Load("forget");

    private readonly IReadOnlyList<string> _keys = RedisKeys.Table(cluster);
    private RedisLease? _lease;
    private DateTimeOffset _forgetAt;

    public int Unpublished => _lease?.UnpublishedCount ?? 0;

    /// <inheritdoc/>
    /// <exception cref="StateTableUnreachableException">Redis does not answer in time, or refuses.</exception>
    public async ValueTask<TableContents> OpenAsync(CancellationToken cancellationToken)
    {
        _lease = null;
        string holder = Guid.NewGuid().ToString("n");
        long asked = clock.GetTimestamp();
        RedisAnswer answer = await connection.RunAsync(
            OpenScript, _keys, new RedisArguments().Add(0).Add(holder).Add(0).Add(Guid.NewGuid().ToString("n")), cancellationToken);
        IReadOnlyList<RedisAnswer> owner = answer.Items;
        TableClock time = Compare(owner[7].Integer, clock.GetElapsedTime(asked));
        var lease = new RedisLease(owner[1].Integer, holder)
        {
            Generation = owner[2].Text,
            Commits = owner[3].Integer,
            Position = owner[4].Integer,
            SequenceBase = owner[6].Integer,
        };
        long published = owner[5].Integer;
        lease.Published(published);

        IReadOnlyCollection<StateEntry> entries = await RedisHash.EntriesAsync(connection, _keys[1], cancellationToken);
        (Dictionary<string, AppliedSequence> applied, List<string> old) = await ReadAppliedAsync(cancellationToken);
        foreach (ArchivedTransition waiting in await ReadUnpublishedAsync(lease, published, cancellationToken))
        {
            lease.Add(waiting);
        }

        // Other commands than scripts know no fence: only now is it certain that nobody took over while it was read.
        await ForgetAsync(lease, old, cancellationToken);
        _forgetAt = clock.GetUtcNow() + ForgetInterval;
        _lease = lease;
        return new TableContents(lease.Epoch, [.. entries], applied) { Generation = lease.Generation, SequenceBase = lease.SequenceBase, Published = published, Clock = time };
    }

    public async ValueTask CommitAsync(long epoch, Commit commit, CancellationToken cancellationToken)
    {
        RedisLease lease = Lease(epoch);
        List<(Transition Transition, byte[] Json)> announced =
            [.. commit.Transitions.Where(recorded => recorded.IsAnnounced).Select(recorded => (recorded.Transition, TransitionJson.Write(recorded.Transition)))];
        RedisArguments arguments = lease.Arguments().Add(commit.SequenceBase?.ToString(CultureInfo.InvariantCulture) ?? "")
            .Add(commit.Entries.Count).Add(commit.Applied.Count).Add(announced.Count);
        foreach (StateEntry entry in commit.Entries)
        {
            arguments.Add(entry.Entity.Value).Add(StateEntryJson.Write(entry));
        }

        foreach ((string stream, AppliedSequence applied) in commit.Applied)
        {
            arguments.Add(stream).Add(RedisApplied.Write(applied, clock.GetUtcNow()));
        }

        announced.ForEach(transition => arguments.Add(transition.Json));
        RedisAnswer answer;
        try
        {
            answer = await connection.RunAsync(CommitScript, _keys, arguments, cancellationToken);
        }
        catch (Exception e) when (e is StateTableUnreachableException or OperationCanceledException)
        {
            // Perhaps it was applied. Who went on from here could commit the same twice.
            lease.IsUncertain = true;
            throw;
        }

        RedisLease.Demand(epoch, answer);
        lease.Committed(answer.Items[1].Integer, answer.Items[2].Integer, commit.SequenceBase, announced);
    }

    public async ValueTask RestoreAsync(TableContents contents, CancellationToken cancellationToken)
    {
        RedisLease lease = Lease(contents.Epoch);
        try
        {
            await new RedisRestoration(connection, _keys, lease, clock).RunAsync(contents, cancellationToken);
        }
        catch (Exception e) when (e is StateTableUnreachableException or OperationCanceledException)
        {
            lease.IsUncertain = true;
            throw;
        }
    }

    public IReadOnlyList<ArchivedTransition> Next(long epoch, long after, int maximum) => Lease(epoch).Next(after, maximum);

    public async ValueTask PublishedAsync(long epoch, long position, CancellationToken cancellationToken)
    {
        RedisLease lease = Lease(epoch);
        RedisArguments arguments = lease.Arguments().Add(position).Add(options.History);
        lease.Published(position);
        RedisLease.Demand(epoch, await connection.RunAsync(PublishedScript, _keys, arguments, cancellationToken));
        if (clock.GetUtcNow() >= _forgetAt)
        {
            _forgetAt = clock.GetUtcNow() + ForgetInterval;
            await ForgetAsync(lease, (await ReadAppliedAsync(cancellationToken)).Old, cancellationToken);
        }
    }

    /// <summary>The answer was made at some time of its way there and back.</summary>
    private TableClock Compare(long microseconds, TimeSpan way) =>
        new(clock.GetUtcNow() - (way / 2) - DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond), way / 2);

    private RedisLease Lease(long epoch)
    {
        RedisLease lease = _lease ?? throw new StateTableUnreachableException("the state table is not open");
        return lease.Epoch != epoch ? throw new FencedException(epoch, lease.Epoch)
            : lease.IsUncertain ? throw new StateTableUnreachableException("the last commit to the state table may be lost; it must be opened again")
            : lease;
    }

    private async Task<(Dictionary<string, AppliedSequence> Applied, List<string> Old)> ReadAppliedAsync(CancellationToken cancellationToken)
    {
        var applied = new Dictionary<string, AppliedSequence>(StringComparer.Ordinal);
        var old = new List<string>();
        DateTimeOffset oldest = clock.GetUtcNow() - Memory;
        await foreach ((byte[] field, byte[] value) in RedisHash.ReadAsync(connection, _keys[2], cancellationToken))
        {
            string stream = Encoding.UTF8.GetString(field);
            (AppliedSequence sequence, DateTimeOffset at) = RedisApplied.Read(value);
            if (at < oldest && stream.Contains("/logs/", StringComparison.Ordinal))
            {
                old.Add(stream);
            }
            else
            {
                applied[stream] = sequence;
            }
        }

        return (applied, old);
    }

    private async Task<IReadOnlyList<ArchivedTransition>> ReadUnpublishedAsync(RedisLease lease, long published, CancellationToken cancellationToken)
    {
        const int Page = 1000;
        var waiting = new List<ArchivedTransition>();
        for (long after = published; after < lease.Position; after = waiting[^1].Position)
        {
            RedisAnswer answer = await connection.RunAsync(OutboxScript, _keys, lease.Arguments().Add(after).Add(Page), cancellationToken);
            RedisLease.Demand(lease.Epoch, answer);
            waiting.AddRange(RedisOutbox.Read(answer.Items[1]));
        }

        return waiting;
    }

    private async Task ForgetAsync(RedisLease lease, List<string> streams, CancellationToken cancellationToken)
    {
        const int Page = 1000;
        for (int i = 0; i == 0 || i < streams.Count; i += Page)
        {
            RedisArguments arguments = lease.Arguments();
            streams.Skip(i).Take(Page).ToList().ForEach(stream => arguments.Add(stream));
            RedisLease.Demand(lease.Epoch, await connection.RunAsync(ForgetScript, _keys, arguments, cancellationToken));
        }
    }
}
