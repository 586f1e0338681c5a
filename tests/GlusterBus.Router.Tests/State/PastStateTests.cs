using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Router.State;
using GlusterBus.Router.State.Sqlite;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlusterBus.Router.Tests.State;

public sealed class PastStateTests
{
    private static readonly EntityId Brick = EntityId.Brick("gv0", "n1:/b");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_sqlite_finds_by_its_indexes_is_what_the_whole_record_says()
    {
        using var folder = new TemporaryFolder();
        await using SqliteStore store = await SqliteStore.OpenAsync(folder.File("g.db"), new SqliteStoreOptions(), TimeProvider.System, NullLogger<SqliteStore>.Instance, Token);
        long epoch = (await store.OpenAsync(Token)).Epoch;
        var random = new Random(11);
        var states = new Dictionary<string, string>();
        var records = new List<Transition>();
        string[] possible = ["online", "offline", "removed", "health-failed"];
        for (int i = 0; i < 800; i++)
        {
            string path = $"/b{random.Next(12)}";
            string? before = states.GetValueOrDefault(path);
            states[path] = random.Next(3) == 0 && before is not null ? before : possible[random.Next(possible.Length)];
            Commit commit = SampleCommits.One(i + 1, states[path], at: i, announced: random.Next(2) == 0, path: path, previous: before);
            records.Add(commit.Transitions[0].Transition);
            await store.CommitAsync(epoch, commit, Token);
        }

        foreach (int at in Enumerable.Range(0, 40).Select(_ => random.Next(-5, 805)))
        {
            IReadOnlyList<EntityState> found = await store.StateAtAsync(SampleCommits.At(at), Token);
            IReadOnlyList<EntityState> said = PastState.Of(records.Where(record => record.RecordedAt <= SampleCommits.At(at)));
            found.Select(Words).ShouldBe(said.Select(Words), $"after {at} s");
        }

        static string Words(EntityState row) => $"{row.Entity} {row.State} {row.Severity} {row.Sequence} {row.Since:O}";
    }

    [Fact]
    public void Taking_back_undoes_states_and_attributes()
    {
        EntityState now = Row("online", 3, 30);
        Transition[] records =
        [
            Step("offline", "online", 2, 10),
            Step("online", "offline", 3, 30) with { Changed = new Dictionary<string, AttributeChange> { ["pid"] = new("17", "18"), ["port"] = new(null, "49152") }, Attributes = new Dictionary<string, string> { ["pid"] = "18", ["port"] = "49152" } },
        ];

        EntityState past = PastState.Rewind([now], records, SampleCommits.At(20), SampleCommits.At(0)).ShouldHaveSingleItem();

        (past.State, past.Severity, past.Sequence, past.Since).ShouldBe(("offline", Severity.Error, 2L, SampleCommits.At(10)));
        past.Attributes.ShouldBe(new Dictionary<string, string> { ["pid"] = "17" });
    }

    [Fact]
    public void Taking_back_brings_back_what_is_gone_and_leaves_out_what_came_later()
    {
        PastState.Rewind([], [Step("removed", "online", 2, 30)], SampleCommits.At(20), SampleCommits.At(0)).ShouldHaveSingleItem().State.ShouldBe("online");
        PastState.Rewind([Row("offline", 1, 30)], [Step("offline", null, 1, 30)], SampleCommits.At(20), SampleCommits.At(0)).ShouldBeEmpty();
    }

    [Fact]
    public void What_changed_quietly_since_is_not_known_for_then_unless_something_was_told_before()
    {
        EntityState quiet = Row("online", 1, 30);
        PastState.Rewind([quiet], [], SampleCommits.At(20), SampleCommits.At(0)).ShouldHaveSingleItem().State.ShouldBe("unknown");
        PastState.Rewind([quiet], [Step("offline", "online", 1, 10)], SampleCommits.At(20), SampleCommits.At(0)).ShouldHaveSingleItem().State.ShouldBe("offline");
        PastState.Rewind([quiet], [], SampleCommits.At(40), SampleCommits.At(0)).ShouldHaveSingleItem().State.ShouldBe("online");
    }

    private static EntityState Row(string state, long sequence, int since) =>
        new(Brick, state, EntityKinds.Of(Brick)!.SeverityOf(state), sequence, SampleCommits.At(since), new Dictionary<string, string>());

    private static Transition Step(string state, string? previous, long sequence, int at) =>
        SampleCommits.One(sequence, state, at, previous: previous).Transitions[0].Transition;
}
