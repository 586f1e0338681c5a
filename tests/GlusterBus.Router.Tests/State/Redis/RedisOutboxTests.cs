using GlusterBus.Contracts.Pipeline;
using GlusterBus.Router.Decisions;
using GlusterBus.Router.State;
using GlusterBus.Router.State.Redis;
using GlusterBus.TestKit;

namespace GlusterBus.Router.Tests.State.Redis;

/// <summary>The outbox, the archive over it, and what else is read from Redis.</summary>
public sealed class RedisOutboxTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_outbox_is_read_in_order_and_the_next_owner_goes_on_where_the_last_stopped()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        RedisStateTable table = scene.Table();
        TableContents contents = await table.OpenAsync(Token);
        for (int i = 1; i <= 10; i++)
        {
            await table.CommitAsync(contents.Epoch, SampleCommits.One(i, i % 2 == 0 ? "online" : "offline", announced: i != 5), Token);
        }

        table.Unpublished.ShouldBe(9);
        IReadOnlyList<ArchivedTransition> first = table.Next(contents.Epoch, contents.Published, 4);
        first.Select(t => t.Transition.Sequence).ShouldBe([1, 2, 3, 4]);
        first.Select(t => t.Position).ShouldBe(Enumerable.Range(1, 4).Select(i => contents.Published + i), "positions have no gaps");
        await table.PublishedAsync(contents.Epoch, first[^1].Position, Token);
        table.Unpublished.ShouldBe(5);

        RedisStateTable successor = scene.Table();
        TableContents own = await successor.OpenAsync(Token);
        own.Published.ShouldBe(first[^1].Position);
        successor.Unpublished.ShouldBe(5);
        successor.Next(own.Epoch, own.Published, 100).Select(t => t.Transition.Sequence).ShouldBe([6, 7, 8, 9, 10]);
        await Should.ThrowAsync<FencedException>(async () => await table.PublishedAsync(contents.Epoch, first[^1].Position + 1, Token));
    }

    [Fact]
    public async Task Published_transitions_stay_as_history_within_their_bound_and_unpublished_ones_always()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        RedisStateTable table = scene.Table(options: scene.Options with { History = 100 });
        TableContents contents = await table.OpenAsync(Token);
        await table.CommitAsync(contents.Epoch, SampleCommits.Many(5000, each: 1), Token);
        await table.PublishedAsync(contents.Epoch, contents.Published + 2000, Token);

        IReadOnlyList<ArchivedTransition> kept = await scene.Archive().QueryAsync(new ArchiveQuery { Limit = 100_000 }, Token);
        kept[^1].Position.ShouldBe(contents.Published + 5000);
        kept.Count.ShouldBeInRange(3100, 3100 + 100, "Redis cuts by whole nodes of its tree, a hundred entries each");
        table.Next(contents.Epoch, contents.Published + 2000, 100_000).Count.ShouldBe(3000);
        await table.PublishedAsync(contents.Epoch, contents.Published + 5000, Token);
        (await scene.Archive().QueryAsync(new ArchiveQuery { Limit = 100_000 }, Token)).Count.ShouldBeInRange(100, 200);
        await table.CommitAsync(contents.Epoch, SampleCommits.One(1, "offline"), Token);
    }

    [Fact]
    public async Task What_was_published_is_never_taken_back()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        RedisStateTable table = scene.Table();
        TableContents contents = await table.OpenAsync(Token);
        await table.CommitAsync(contents.Epoch, SampleCommits.Many(10, each: 1), Token);
        await table.PublishedAsync(contents.Epoch, contents.Published + 8, Token);
        await table.PublishedAsync(contents.Epoch, contents.Published + 3, Token);
        (await scene.Table().OpenAsync(Token)).Published.ShouldBe(contents.Published + 8);
    }

    [Fact]
    public async Task The_archive_reads_on_over_many_pages_in_both_directions()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        RedisStateTable table = scene.Table();
        TableContents contents = await table.OpenAsync(Token);
        await table.CommitAsync(contents.Epoch, SampleCommits.Many(3500, each: 1), Token);
        RedisArchive archive = scene.Archive();
        var last = new TransitionFilter { Entities = ["brick/gv0/n1:/b3500"] };
        var first = new TransitionFilter { Entities = ["brick/gv0/n1:/b1"] };

        (await archive.QueryAsync(new ArchiveQuery { Filter = last, Limit = 1 }, Token)).Single().Position.ShouldBe(contents.Published + 3500);
        (await archive.QueryAsync(new ArchiveQuery { Filter = first, Limit = 1, Newest = true }, Token)).Single().Position.ShouldBe(contents.Published + 1);
        (await archive.QueryAsync(new ArchiveQuery { Limit = 3000, Newest = true }, Token)).Select(t => t.Position).ShouldBe(Enumerable.Range(501, 3000).Select(i => contents.Published + i));
        (await archive.QueryAsync(new ArchiveQuery { Limit = 2500 }, Token)).Select(t => t.Position).ShouldBe(Enumerable.Range(1, 2500).Select(i => contents.Published + i));
    }

    [Fact]
    public async Task A_past_state_is_taken_back_from_the_present_one_as_far_as_the_record_reaches()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        RedisStateTable table = scene.Table();
        long epoch = (await table.OpenAsync(Token)).Epoch;
        await table.CommitAsync(epoch, SampleCommits.One(1, "offline", at: 10, path: "/a"), Token);
        await table.CommitAsync(epoch, SampleCommits.One(2, "online", at: 20, path: "/a", previous: "offline"), Token);
        await table.CommitAsync(epoch, SampleCommits.One(1, "offline", at: 30, path: "/b"), Token);
        RedisArchive archive = scene.Archive();

        (await At(15)).ShouldBe([("/a", "offline", 1L)]);
        (await At(25)).ShouldBe([("/a", "online", 2L)]);
        (await At(35)).ShouldBe([("/a", "online", 2L), ("/b", "offline", 1L)]);
        (await Should.ThrowAsync<PastUnknownException>(async () => await archive.StateAtAsync(SampleCommits.At(5), Token))).KnownSince.ShouldBe(SampleCommits.At(10));

        async Task<IEnumerable<(string, string?, long)>> At(int seconds) =>
            (await archive.StateAtAsync(SampleCommits.At(seconds), Token)).Select(row => (row.Entity.Value["brick/gv0/n1:".Length..], row.State, row.Sequence));
    }

    [Fact]
    public async Task What_was_removed_from_the_record_is_below_its_floor()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        RedisStateTable table = scene.Table();
        TableContents contents = await table.OpenAsync(Token);
        RedisArchive archive = scene.Archive();
        (await archive.FloorAsync(Token)).ShouldBe(contents.Published);
        await table.CommitAsync(contents.Epoch, SampleCommits.Many(300, each: 1), Token);
        (await archive.FloorAsync(Token)).ShouldBe(contents.Published);
        await scene.RedisAsync("XTRIM", RedisKeys.Outbox(RedisScene.Cluster), "MAXLEN", "100");
        (await archive.FloorAsync(Token)).ShouldBe(contents.Published + 200);
    }

    [Fact]
    public async Task The_state_is_read_without_owning_the_table()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        RedisStateTable table = scene.Table();
        TableContents contents = await table.OpenAsync(Token);
        await table.CommitAsync(contents.Epoch, SampleCommits.One(1, "offline", path: "/z"), Token);
        await table.CommitAsync(contents.Epoch, SampleCommits.One(3, "online", path: "/a"), Token);
        await table.CommitAsync(contents.Epoch, SampleCommits.One(1, "removed", path: "/gone"), Token);

        IReadOnlyList<EntityState> states = await new RedisStateReader(RedisScene.Cluster, scene.Connect()).CurrentAsync(Token);
        states.Select(s => (s.Entity.Value, s.State, s.Sequence)).ShouldBe([("brick/gv0/n1:/a", "online", 3L), ("brick/gv0/n1:/z", "offline", 1L)]);
        await table.CommitAsync(contents.Epoch, SampleCommits.One(2, "online", path: "/z"), Token);
    }

    [Fact]
    public async Task Tables_of_several_clusters_do_not_meet()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        RedisConnection shared = scene.Connect();
        var one = new RedisStateTable("one", shared, scene.Options, scene.Clock);
        var two = new RedisStateTable("two", shared, scene.Options, scene.Clock);
        long first = (await one.OpenAsync(Token)).Epoch;
        long second = (await two.OpenAsync(Token)).Epoch;
        await Task.WhenAll(
            one.CommitAsync(first, SampleCommits.One(1, "offline", path: "/one"), Token).AsTask(), two.CommitAsync(second, SampleCommits.One(1, "offline", path: "/two"), Token).AsTask());
        (await scene.Table("one").OpenAsync(Token)).Entries.Single().Entity.Value.ShouldBe("brick/gv0/n1:/one");
        (await scene.Table("two").OpenAsync(Token)).Entries.Single().Entity.Value.ShouldBe("brick/gv0/n1:/two");
    }

    [Fact]
    public async Task A_partition_remembers_its_clusters()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        var clusters = new RedisClusters(scene.Connect());
        await clusters.AddAsync(0, "prod", Token);
        await clusters.AddAsync(0, "lab", Token);
        await clusters.AddAsync(0, "prod", Token);
        await clusters.AddAsync(1, "else", Token);
        (await new RedisClusters(scene.Connect()).ListAsync(0, Token)).ShouldBe(["lab", "prod"]);
        (await clusters.ListAsync(7, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_places_of_logs_rotated_away_long_ago_are_forgotten()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        var clock = new FakeClock();
        scene.Clock = clock;
        RedisStateTable table = scene.Table();
        TableContents contents = await table.OpenAsync(Token);
        await table.CommitAsync(contents.Epoch, Streams("n1/logs/glusterd.log#1", "n1/get_state"), Token);
        clock.Advance(TimeSpan.FromDays(300));
        await table.CommitAsync(contents.Epoch, Streams("n1/logs/glusterd.log#2"), Token);
        (await scene.Table().OpenAsync(Token)).Applied.Count.ShouldBe(3);
        clock.Advance(TimeSpan.FromDays(200));

        TableContents after = await table.OpenAsync(Token);
        after.Applied.Keys.Order(StringComparer.Ordinal).ShouldBe(["n1/get_state", "n1/logs/glusterd.log#2"]);
        clock.Advance(TimeSpan.FromDays(300));
        await table.PublishedAsync(after.Epoch, after.Published, Token);
        (await scene.RedisAsync("HKEYS", $"{{glusterbus:{RedisScene.Cluster}}}:applied")).ShouldBe("n1/get_state", "also while the same owner goes on");
        await table.CommitAsync(after.Epoch, Streams("n1/logs/glusterd.log#3"), Token);
    }

    private static Commit Streams(params string[] streams) => new([], [], streams.ToDictionary(stream => stream, _ => new AppliedSequence(1, 1)));
}
