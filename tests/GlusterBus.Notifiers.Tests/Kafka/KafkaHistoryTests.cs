using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.Kafka;
using GlusterBus.TestKit;

namespace GlusterBus.Notifiers.Tests.Kafka;

/// <summary>The past, written by the notifier and read back from brokers: librdkafka's mock, or real ones (see <see cref="KafkaPlace"/>).</summary>
public sealed class KafkaHistoryTests : IAsyncDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    private readonly KafkaPlace _kafka = KafkaPlace.Open();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private KafkaOptions Options => new() { Brokers = _kafka.Brokers, Topic = _kafka.Topic, StateTopic = _kafka.StateTopic, Partitions = 3, Timeout = TimeSpan.FromSeconds(10) };

    public ValueTask DisposeAsync() => _kafka.DisposeAsync();

    /// <summary>An hour between two, over days: long enough that the search by time has something to leave out.</summary>
    private static Transition At(int hour, string entity, long sequence, string? previous, string current, string cluster = "lab") => SampleTransitions.Brick() with
    {
        Cluster = cluster,
        Entity = EntityId.Parse(entity),
        Sequence = sequence,
        Previous = previous,
        Current = current,
        Change = current,
        Severity = EntityKinds.Named(entity.Split('/')[0])!.SeverityOf(current),
        Time = Start.AddHours(hour),
        RecordedAt = Start.AddHours(hour).AddMilliseconds(20),
    };

    private static Transition[] Story =>
        [.. Enumerable.Range(0, 96).SelectMany(hour => (Transition[])
        [
            At(hour, "volume/gv0", hour + 1, hour == 0 ? null : hour % 2 == 0 ? "stopped" : "started", hour % 2 == 0 ? "started" : "stopped"),
            At(hour, $"brick/gv{hour % 5}/gl1:/b", (hour / 5) + 1, (hour / 5) % 2 == 0 ? "online" : "offline", (hour / 5) % 2 == 0 ? "offline" : "online"),
            At(hour, "volume/gv0", hour + 1, null, "started", "other"),
        ])];

    private async Task<ITransitionHistory> ArchiveAsync(IEnumerable<Transition> transitions)
    {
        await using var notifier = new KafkaNotifier(Options);
        foreach (Transition[] batch in transitions.Chunk(100))
        {
            (await notifier.GatherAsync([.. batch.Select(t => new Delivery(t, TransitionJson.Write(t), 1))], true, Token)).Taken.ShouldBe(batch.Length);
        }

        return notifier.HistoryOf("lab");
    }

    private static async Task<Transition[]> ReadAsync(ITransitionHistory history, HistoryQuery query, HistoryProgress? progress = null) =>
        [.. (await history.ReadAsync(query, progress ?? new HistoryProgress(), Token).ToListAsync(Token)).Select(t => t.Transition)];

    [Fact(Timeout = 60_000)]
    public async Task All_that_one_cluster_has_is_read_once_in_the_order_of_time()
    {
        // The second half comes twice, as after a crash of the notifier.
        ITransitionHistory history = await ArchiveAsync(Story.Concat(Story.Skip(150)));
        var progress = new HistoryProgress();

        Transition[] found = await ReadAsync(history, new HistoryQuery(), progress);

        found.Select(t => t.Id).Order().ShouldBe(Story.Where(t => t.Cluster == "lab").Select(t => t.Id).Order());
        found.Select(t => t.Time).ShouldBe(found.Select(t => t.Time).Order());
        (progress.Read, progress.Total).ShouldBe((288 + 138, 288 + 138));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_span_of_time_is_found_by_seeking()
    {
        ITransitionHistory history = await ArchiveAsync(Story);
        (DateTimeOffset since, DateTimeOffset until) = (Start.AddHours(60), Start.AddHours(63));
        var progress = new HistoryProgress();

        Transition[] found = await ReadAsync(history, new HistoryQuery { Since = since, Until = until }, progress);

        found.Select(t => t.Id).Order().ShouldBe(Story.Where(t => t.Cluster == "lab" && t.Time >= since && t.Time < until).Select(t => t.Id).Order());
        progress.Total.ShouldBeLessThan(200, "what lies before and long after is not read");
        (await ReadAsync(history, new HistoryQuery { Since = Start.AddHours(96) })).ShouldBeEmpty();
        (await ReadAsync(history, new HistoryQuery { Until = Start })).ShouldBeEmpty();
    }

    [Fact(Timeout = 60_000)]
    public async Task One_entity_is_read_from_its_own_partition_alone()
    {
        ITransitionHistory history = await ArchiveAsync(Story);
        var progress = new HistoryProgress();

        Transition[] found = await ReadAsync(history, new HistoryQuery { Since = Start.AddHours(70), Filter = new TransitionFilter { Entities = ["volume/gv0"] } }, progress);

        found.Select(t => t.Sequence).ShouldBe(Enumerable.Range(71, 26).Select(i => (long)i));
        progress.Total.ShouldBeLessThan(288 - 40);
    }

    [Fact(Timeout = 60_000)]
    public async Task Channels_patterns_and_severities_are_kept_as_everywhere()
    {
        ITransitionHistory history = await ArchiveAsync(Story);
        foreach (TransitionFilter filter in (TransitionFilter[])
        [
            new() { Channels = ["brick"] },
            new() { Entities = ["brick/gv1/*", "volume/*"] },
            new() { MinimumSeverity = Severity.Error },
            new() { Clusters = ["other"] },
        ])
        {
            (await ReadAsync(history, new HistoryQuery { Filter = filter })).Select(t => t.Id).Order()
                .ShouldBe(Story.Where(t => t.Cluster == "lab" && filter.Matches(t)).Select(t => t.Id).Order(), filter.ToString());
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task A_past_state_is_what_a_reading_of_everything_up_to_then_makes()
    {
        Transition[] story = [.. Story, At(97, "volume/gv0", 97, "stopped", "deleted"), At(98, "volume/late", 1, null, "created")];
        ITransitionHistory history = await ArchiveAsync(story);
        (await history.KnownSinceAsync(Token)).ShouldBe(Start);
        (await Should.ThrowAsync<PastUnknownException>(async () => await history.StateAtAsync(Start.AddHours(-1), Token))).KnownSince.ShouldBe(Start);
        foreach (int hour in (int[])[0, 5, 50, 95, 97, 200])
        {
            DateTimeOffset at = Start.AddHours(hour).AddMinutes(30);

            IReadOnlyList<EntityState> found = await history.StateAtAsync(at, Token);

            IReadOnlyList<EntityState> expected = PastState.Of(story.Where(t => t.Cluster == "lab" && t.RecordedAt <= at));

            // Of a brick that was never told of before, its first trouble says that it was well.
            found.Where(s => s.Sequence == 0).ShouldAllBe(s => s.State == "online" && expected.All(e => e.Entity != s.Entity));
            found.Where(s => s.Sequence > 0).Select(s => $"{s.Entity} {s.State} {s.Severity} @{s.Sequence}").ShouldBe(expected.Select(s => $"{s.Entity} {s.State} {s.Severity} @{s.Sequence}"), $"hour {hour}");
            found.Where(s => s.Since is not null).ShouldAllBe(s => expected.Single(e => e.Entity == s.Entity).Since == s.Since);
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task What_retention_has_removed_is_missed_only_where_it_would_be_needed()
    {
        Assert.SkipWhen(_kafka.Mock is null, "real brokers remove when they please");
        Transition[] story = [At(0, "volume/old", 1, null, "created"), At(1, "volume/old", 2, "created", "started"), At(1, "volume/quiet", 1, null, "created"), .. Story, At(97, "volume/old", 3, "started", "stopped")];
        ITransitionHistory history = await ArchiveAsync(story);
        for (int partition = 0; partition < 3; partition++)
        {
            _kafka.Mock!.Forget(_kafka.Topic, partition, 20);
        }

        DateTimeOffset at = Start.AddHours(90);
        (await history.StateAtAsync(at, Token)).Where(s => s.Entity.Kind == "volume").Select(s => $"{s.Entity} {s.State}")
            .ShouldBe(PastState.Of(story.Where(t => t.Cluster == "lab" && t.RecordedAt <= at)).Where(s => s.Entity.Kind == "volume").Select(s => $"{s.Entity} {s.State}"));
        DateTimeOffset since = (await history.KnownSinceAsync(Token)).ShouldNotBeNull();
        since.ShouldBeInRange(Start.AddHours(2), at);
        (await Should.ThrowAsync<PastUnknownException>(async () => await history.StateAtAsync(Start.AddHours(1), Token))).KnownSince.ShouldBe(since);
        (await ReadAsync(history, new HistoryQuery())).Length.ShouldBe((await ReadAsync(history, new HistoryQuery { Since = Start.AddYears(-1) })).Length);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_reader_that_leaves_early_ends_the_reading()
    {
        ITransitionHistory history = await ArchiveAsync(Story);
        await foreach (ArchivedTransition first in history.ReadAsync(new HistoryQuery(), new HistoryProgress(), Token))
        {
            first.Transition.Time.ShouldBe(Start);
            break;
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task An_archive_that_is_not_there_or_does_not_answer_is_told_in_one_line()
    {
        ITransitionHistory empty = new KafkaNotifier(Options with { Topic = "glusterbus-nowhere" }).HistoryOf("lab");
        (await Should.ThrowAsync<ArchiveUnreachableException>(() => ReadAsync(empty, new HistoryQuery()))).Message
            .ShouldBe($"Kafka at {_kafka.Brokers[0]} has no topic glusterbus-nowhere: nothing was archived yet, or the configuration names another one");

        int port = FreePorts.Take(1)[0];
        ITransitionHistory away = new KafkaNotifier(Options with { Brokers = [$"127.0.0.1:{port}"], Timeout = TimeSpan.FromSeconds(1) }).HistoryOf("lab");
        (await Should.ThrowAsync<ArchiveUnreachableException>(() => ReadAsync(away, new HistoryQuery()))).Message.ShouldStartWith($"the archive can't be read: Kafka at 127.0.0.1:{port} did not ");
        await Should.ThrowAsync<ArchiveUnreachableException>(async () => await away.StateAtAsync(Start, Token));
    }
}
