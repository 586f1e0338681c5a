using GlusterBus.Router.Tests.State;

namespace GlusterBus.Router.Tests;

/// <summary>The router when collectors fall silent.</summary>
public sealed class RouterSilenceTests : RouterScene
{
    [Fact]
    public async Task A_collector_that_is_not_heard_for_fifteen_seconds_is_silent_and_its_entities_are_unknown()
    {
        var table = new LosableTable("A");
        await using ObservationRouter router = await StartAsync(table);
        await HearAsync(router, "n1");
        await HearAsync(router, "n2");
        await router.RouteAsync(Look(isFirst: true, (Brick, "online")), Token);
        for (int second = 1; second <= 16; second++)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            await HearAsync(router, "n2");
            table.Outbox.Count.ShouldBe(second < 15 ? 0 : 1);
        }

        table.Outbox.Single().ShouldSatisfyAllConditions(t => t.Entity.Value.ShouldBe("collector/n1"), t => t.Change.ShouldBe("silent"));
        router.Current().Single(e => e.Entity.Value == Brick).State.ShouldBe("unknown");

        (await HearAsync(router, "n1", hasLooked: true)).WantsLook.ShouldBeTrue();
        await router.RouteAsync(Look(isFirst: false, (Brick, "online")), Token);
        (await HearAsync(router, "n1")).WantsLook.ShouldBeFalse();
        table.Outbox.Select(t => t.Change).ShouldBe(["silent", "online"]);
        router.Current().Single(e => e.Entity.Value == Brick).State.ShouldBe("online");
    }

    [Fact]
    public async Task A_router_that_can_hear_nobody_takes_nobody_for_silent()
    {
        var table = new LosableTable("A");
        bool isCutOff = true;
        await using ObservationRouter router = await StartAsync(table, _ => Task.FromResult(!isCutOff));
        await HearAsync(router, "n1");
        await AdvanceAsync(29);
        table.Outbox.ShouldBeEmpty();

        isCutOff = false;
        await AdvanceAsync(2);
        table.Outbox.Single().Change.ShouldBe("silent", "fresh patience was given after 15 s, and that is over");

        async Task AdvanceAsync(int seconds)
        {
            for (int second = 0; second < seconds; second++)
            {
                Clock.Advance(TimeSpan.FromSeconds(1));
                await router.VerifyAsync(Token);
            }
        }
    }

    [Fact]
    public async Task Silence_is_noticed_by_theClock_alone()
    {
        var table = new LosableTable("A");
        await using ObservationRouter router = await StartAsync(table);
        var silent = new TaskCompletionSource<RoutedObservation>(TaskCreationOptions.RunContinuationsAsynchronously);
        router.Routed += routed =>
        {
            if (routed.Transition is not null)
            {
                silent.TrySetResult(routed);
            }
        };
        await HearAsync(router, "n1");

        // Nothing but the clock moves; by less than would look as if the router itself had been away.
        while (!silent.Task.IsCompleted)
        {
            Clock.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }

        (await silent.Task).Transition!.Change.ShouldBe("silent");
    }

    [Fact]
    public async Task A_router_that_takes_over_waits_for_every_collector_it_knows_of()
    {
        var table = new LosableTable("A");
        ObservationRouter first = await StartAsync(table);
        await HearAsync(first, "n1");
        await first.DisposeAsync();

        Clock.Advance(TimeSpan.FromHours(1));
        await using ObservationRouter second = await StartAsync(table);
        for (int second_ = 1; second_ <= 15; second_++)
        {
            table.Outbox.ShouldBeEmpty();
            Clock.Advance(TimeSpan.FromSeconds(1));
            await HearAsync(second, "n2");
        }

        table.Outbox.Single().Id.ShouldBe("test/collector/n1@1");
    }

    [Fact]
    public async Task The_heartbeat_of_a_collector_that_is_online_commits_nothing()
    {
        var table = new LosableTable("A");
        await using ObservationRouter router = await StartAsync(table);
        (await HearAsync(router, "n1")).Generation.ShouldBe("A");
        int commits = table.Commits;
        commits.ShouldBe(1);
        for (int i = 0; i < 100; i++)
        {
            await HearAsync(router, "n1");
        }

        table.Commits.ShouldBe(commits);
    }

    [Fact]
    public async Task A_look_is_wanted_until_one_has_come()
    {
        await using ObservationRouter router = await StartAsync(new LosableTable("A"));
        (await HearAsync(router, "n1", hasLooked: false)).WantsLook.ShouldBeFalse("a collector that has just started looks anyway");
        (await HearAsync(router, "n1", hasLooked: true)).WantsLook.ShouldBeTrue();
        await router.RouteAsync(Look(isFirst: false, (Brick, "online")), Token);
        (await HearAsync(router, "n1", hasLooked: true)).WantsLook.ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("a\nb")]
    public async Task A_name_that_no_node_can_have_is_refused_and_harms_nobody(string node)
    {
        await using ObservationRouter router = await StartAsync(new LosableTable("A"));
        await Should.ThrowAsync<FormatException>(() => HearAsync(router, node));
        (await HearAsync(router, "n1")).Generation.ShouldBe("A");
    }
}
