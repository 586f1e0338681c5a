using GlusterBus.Router.Decisions;

namespace GlusterBus.Router.Tests.State.Redis;

/// <summary>Who opens the table learns how its clock stands to the clock of Redis.</summary>
public sealed class RedisClockTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    [InlineData(-3600)]
    public async Task An_owner_knows_how_far_its_clock_is_ahead_and_how_well_it_knows(int seconds)
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        scene.Clock = new ShiftedClock(TimeSpan.FromSeconds(seconds));

        TableClock clock = (await scene.Table().OpenAsync(TestContext.Current.CancellationToken)).Clock;

        clock.Error.ShouldBeGreaterThan(TimeSpan.Zero);

        // The server tells microseconds.
        (clock.Ahead - TimeSpan.FromSeconds(seconds)).Duration().ShouldBeLessThanOrEqualTo(clock.Error + TimeSpan.FromMicroseconds(1));
    }

    private sealed class ShiftedClock(TimeSpan shift) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + shift;
    }
}
