using System.Globalization;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Router.State;
using GlusterBus.Router.State.Redis;

namespace GlusterBus.Router.Tests.State.Redis;

/// <summary>Redis loses what it held, wholly or in part: the owner notices, and its memory brings it back.</summary>
public sealed class RedisLossTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_emptied_table_is_noticed_restored_and_the_same_as_before()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        RedisStateTable table = scene.Table();
        TableContents opened = await table.OpenAsync(Token);
        await table.CommitAsync(opened.Epoch, SampleCommits.Many(5000) with { SequenceBase = 40 }, Token);
        await table.CommitAsync(opened.Epoch, SampleCommits.One(1, "offline"), Token);
        await table.PublishedAsync(opened.Epoch, opened.Published + 400, Token);
        ArchivedTransition[] unpublished = [.. table.Next(opened.Epoch, opened.Published + 400, 1000)];
        TableContents before = await scene.Table().OpenAsync(Token);
        TableContents memory = await table.OpenAsync(Token);
        await scene.RedisAsync("FLUSHALL");

        Commit next = SampleCommits.One(2, "online");
        await Should.ThrowAsync<StateTableEmptiedException>(async () => await table.CommitAsync(memory.Epoch, next, Token));
        await Should.ThrowAsync<StateTableEmptiedException>(async () => await table.PublishedAsync(memory.Epoch, 0, Token));
        await table.RestoreAsync(memory, Token);
        table.Next(memory.Epoch, memory.Published, 1000).Select(t => (t.Position, t.Transition.Id)).ShouldBe(unpublished.Select(t => (t.Position, t.Transition.Id)));
        TableContents after = await scene.Table().OpenAsync(Token);

        Describe(after).ShouldBe(Describe(before));
        (after.Generation, after.SequenceBase, after.Published).ShouldBe((before.Generation, before.SequenceBase, before.Published));
        (after.SequenceBase, after.Published).ShouldBe((40, opened.Published + 400));
    }

    [Fact]
    public async Task The_commit_that_found_the_table_emptied_succeeds_after_the_restoration()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        RedisStateTable table = scene.Table();
        TableContents contents = await table.OpenAsync(Token);
        Commit first = SampleCommits.One(1, "offline");
        await table.CommitAsync(contents.Epoch, first, Token);
        await scene.RedisAsync("FLUSHALL");
        Commit second = SampleCommits.One(2, "online");
        await Should.ThrowAsync<StateTableEmptiedException>(async () => await table.CommitAsync(contents.Epoch, second, Token));
        await table.RestoreAsync(contents with { Entries = first.Entries, Applied = first.Applied }, Token);
        await table.CommitAsync(contents.Epoch, second, Token);

        table.Next(contents.Epoch, contents.Published, 10).Select(t => t.Transition.Sequence).ShouldBe([1, 2]);
        (await scene.Table().OpenAsync(Token)).Entries.Select(e => e.Sequence).ShouldBe([2]);
    }

    [Fact]
    public async Task A_server_that_comes_back_with_an_older_copy_is_noticed()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        RedisStateTable table = scene.Table();
        TableContents contents = await table.OpenAsync(Token);
        await table.CommitAsync(contents.Epoch, SampleCommits.One(1, "offline"), Token);
        (await scene.RedisAsync("SAVE")).ShouldBe("OK");
        Commit last = SampleCommits.One(2, "online");
        await table.CommitAsync(contents.Epoch, last, Token);
        await scene.Server.Process.KillAsync();
        await scene.Server.StartServerAsync(Token);

        await Should.ThrowAsync<StateTableEmptiedException>(async () => await table.CommitAsync(contents.Epoch, SampleCommits.One(3, "offline"), Token));
        await table.RestoreAsync(contents with { Entries = last.Entries, Applied = last.Applied }, Token);
        (await scene.Table().OpenAsync(Token)).Entries.Select(e => e.Sequence).ShouldBe([2]);
    }

    [Fact]
    public async Task A_table_with_an_older_epoch_than_its_owner_is_noticed_even_when_its_commits_are_as_many()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        TableContents first = await scene.Table().OpenAsync(Token);
        (await scene.RedisAsync("SAVE")).ShouldBe("OK");
        RedisStateTable table = scene.Table();
        TableContents second = await table.OpenAsync(Token);
        second.Epoch.ShouldBeGreaterThan(first.Epoch);
        await scene.Server.Process.KillAsync();
        await scene.Server.StartServerAsync(Token);

        await Should.ThrowAsync<StateTableEmptiedException>(async () => await table.CommitAsync(second.Epoch, SampleCommits.One(1, "offline"), Token));
    }

    [Theory]
    [InlineData("owner")]
    [InlineData("entries")]
    [InlineData("applied")]
    [InlineData("outbox")]
    public async Task A_part_that_was_thrown_away_is_noticed_by_the_owner_and_by_the_next(string part)
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        RedisStateTable table = scene.Table();
        TableContents contents = await table.OpenAsync(Token);
        await table.CommitAsync(contents.Epoch, SampleCommits.One(1, "offline"), Token);
        await scene.RedisAsync("DEL", $"{{glusterbus:{RedisScene.Cluster}}}:{part}");

        await Should.ThrowAsync<StateTableEmptiedException>(async () => await table.CommitAsync(contents.Epoch, SampleCommits.One(2, "online"), Token));
        TableContents anew = await scene.Table().OpenAsync(Token);
        anew.Entries.ShouldBeEmpty();
        anew.Applied.ShouldBeEmpty();
        anew.Generation.ShouldNotBe(contents.Generation);
    }

    [Fact]
    public async Task A_restoration_that_was_broken_off_counts_as_lost()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        RedisStateTable table = scene.Table();
        TableContents contents = await table.OpenAsync(Token);
        await table.CommitAsync(contents.Epoch, SampleCommits.Many(100), Token);
        await scene.RedisAsync("FLUSHALL");
        var lease = new RedisLease(contents.Epoch, "the same") { Generation = contents.Generation, Commits = 1, Position = contents.Published + 10 };
        await scene.Connect().RunAsync(
            RedisScript.Load("restore"),
            RedisKeys.Table(RedisScene.Cluster),
            lease.Arguments().Add("begin").Add(contents.Generation).Add(0).Add(contents.Published).Add(lease.Position),
            Token);

        await Should.ThrowAsync<StateTableUnreachableException>(async () => await new RedisStateReader(RedisScene.Cluster, scene.Connect()).CurrentAsync(Token));
        TableContents anew = await scene.Table().OpenAsync(Token);
        anew.Generation.ShouldNotBe(contents.Generation);
        anew.Entries.ShouldBeEmpty();
        (await scene.RedisAsync("KEYS", "*")).ShouldBe($"{{glusterbus:{RedisScene.Cluster}}}:owner");
        (await new RedisStateReader(RedisScene.Cluster, scene.Connect()).CurrentAsync(Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_lost_the_table_to_another_can_not_restore_over_it()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        RedisStateTable old = scene.Table();
        TableContents contents = await old.OpenAsync(Token);
        await old.CommitAsync(contents.Epoch, SampleCommits.Many(100), Token);
        await scene.RedisAsync("FLUSHALL");
        RedisStateTable successor = scene.Table();
        TableContents own = await successor.OpenAsync(Token);
        own.Epoch.ShouldBeGreaterThan(contents.Epoch, "also where no epoch was left to count from");
        await successor.CommitAsync(own.Epoch, SampleCommits.One(1, "offline"), Token);

        await Should.ThrowAsync<FencedException>(async () => await old.CommitAsync(contents.Epoch, SampleCommits.One(2, "online"), Token));
        await Should.ThrowAsync<FencedException>(async () => await old.RestoreAsync(contents, Token));
        (await scene.Table().OpenAsync(Token)).Entries.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Two_owners_with_the_same_epoch_are_told_apart()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        RedisStateTable table = scene.Table();
        TableContents contents = await table.OpenAsync(Token);
        await scene.RedisAsync("HSET", $"{{glusterbus:{RedisScene.Cluster}}}:owner", "holder", "another");
        await Should.ThrowAsync<FencedException>(async () => await table.CommitAsync(contents.Epoch, SampleCommits.One(1, "offline"), Token));
        await Should.ThrowAsync<FencedException>(async () => await table.RestoreAsync(contents, Token));
    }

    [Fact]
    public async Task Positions_go_on_rising_when_the_table_begins_anew()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        RedisArchive archive = scene.Archive();
        RedisStateTable table = scene.Table();
        long epoch = (await table.OpenAsync(Token)).Epoch;
        await table.CommitAsync(epoch, SampleCommits.Many(100, each: 10), Token);
        long seen = await archive.HeadAsync(Token);
        await scene.RedisAsync("FLUSHALL");
        Task waiting = archive.WaitAsync(seen, Token).AsTask();
        epoch = (await table.OpenAsync(Token)).Epoch;
        await table.CommitAsync(epoch, SampleCommits.One(1, "offline"), Token);

        await waiting;
        (await archive.QueryAsync(new ArchiveQuery { After = seen }, Token)).Select(t => t.Transition.Sequence).ShouldBe([1]);
    }

    [Fact]
    public async Task Forgotten_scripts_are_sent_again()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        RedisStateTable table = scene.Table();
        long epoch = (await table.OpenAsync(Token)).Epoch;
        await table.CommitAsync(epoch, SampleCommits.One(1, "offline"), Token);
        await scene.RedisAsync("SCRIPT", "FLUSH");
        await table.CommitAsync(epoch, SampleCommits.One(2, "online"), Token);
        table.Next(epoch, 0, 10).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_restarted_server_that_kept_its_file_goes_on_with_the_same_owner()
    {
        await using RedisScene scene = await RedisScene.StartAsync("--appendonly", "yes", "--appendfsync", "always");
        RedisStateTable table = scene.Table();
        TableContents contents = await table.OpenAsync(Token);
        await table.CommitAsync(contents.Epoch, SampleCommits.One(1, "offline"), Token);
        await scene.Server.Process.KillAsync();
        await scene.Server.StartServerAsync(Token);
        await table.CommitAsync(contents.Epoch, SampleCommits.One(2, "online"), Token);

        TableContents after = await scene.Table().OpenAsync(Token);
        (after.Generation, after.Entries[0].Sequence).ShouldBe((contents.Generation, 2));
    }

    private static string Describe(TableContents contents) => string.Join(
        '\n',
        contents.Entries.OrderBy(e => e.Entity).Select(e => System.Text.Encoding.UTF8.GetString(StateEntryJson.Write(e)))
            .Concat(contents.Applied.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => string.Create(CultureInfo.InvariantCulture, $"{a.Key} {a.Value.Epoch} {a.Value.Sequence}"))));
}
