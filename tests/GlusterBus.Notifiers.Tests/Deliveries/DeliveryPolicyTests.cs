using FsCheck;
using FsCheck.Fluent;
using GlusterBus.Notifiers.Deliveries;

namespace GlusterBus.Notifiers.Tests.Deliveries;

public sealed class DeliveryPolicyTests
{
    [Fact]
    public void A_wait_lies_between_200_milliseconds_and_a_minute_whatever_the_number_of_failures() =>
        Prop.ForAll(ArbMap.Default.ArbFor<PositiveInt>(), Gen.Choose(0, 999).ToArbitrary(), (failures, chance) =>
        {
            TimeSpan wait = DeliveryPolicy.Backoff(failures.Get, chance / 1000.0);
            return wait >= DeliveryPolicy.ShortestWait && wait <= DeliveryPolicy.LongestWait;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Waits_double_until_the_longest()
    {
        double[] waits = [.. Enumerable.Range(1, 10).Select(n => DeliveryPolicy.Backoff(n, 0).TotalMilliseconds)];
        waits.ShouldBe([200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000]);
        DeliveryPolicy.Backoff(int.MaxValue, 0.999).ShouldBeGreaterThan(TimeSpan.FromSeconds(59));
    }

    [Fact]
    public void Chance_spreads_a_wait_over_as_much_again() =>
        DeliveryPolicy.Backoff(1, 0.5).ShouldBe(TimeSpan.FromMilliseconds(300));

    [Theory]
    [InlineData(null, 0)]
    [InlineData(-5, 0)]
    [InlineData(0, 0)]
    [InlineData(7, 7)]
    [InlineData(86400, 300)]
    public void A_wish_to_pause_is_bounded(int? wish, int seconds) =>
        DeliveryPolicy.Pause(wish is { } s ? TimeSpan.FromSeconds(s) : null).ShouldBe(TimeSpan.FromSeconds(seconds));

    [Theory]
    [InlineData(1, 50, 0)]
    [InlineData(1, 1000, 0)]
    [InlineData(499, 10, 40)]
    [InlineData(500, 10, 0)]
    public void An_acknowledgement_waits_for_the_interval_or_for_many(long pending, int sinceLast, int wait) =>
        DeliveryPolicy.AcknowledgeIn(pending, TimeSpan.FromMilliseconds(sinceLast)).ShouldBe(TimeSpan.FromMilliseconds(wait));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(16, 64)]
    public void One_at_a_time_means_one_lane(int concurrency, int lanes) => DeliveryPolicy.Lanes(concurrency).ShouldBe(lanes);
}
