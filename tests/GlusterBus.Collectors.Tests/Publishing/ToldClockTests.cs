using GlusterBus.Collectors.Publishing;
using GlusterBus.TestKit;

namespace GlusterBus.Collectors.Tests.Publishing;

public sealed class ToldClockTests
{
    private static readonly TimeSpan Behind = TimeSpan.FromMilliseconds(12.5);
    private readonly FakeClock _clock = new();

    [Fact]
    public void It_is_believed_for_an_hour()
    {
        var told = new ToldClock(_clock, null);
        told.Behind.ShouldBeNull();
        told.Hear(Behind).ShouldBeTrue();
        _clock.Advance(TimeSpan.FromHours(1));
        told.Behind.ShouldBe(Behind);
        _clock.Advance(TimeSpan.FromSeconds(1));
        told.Behind.ShouldBeNull();
    }

    [Theory]
    [InlineData(-11)]
    [InlineData(11)]
    [InlineData(3_600_000)]
    public void It_is_not_believed_when_the_clock_was_set(double milliseconds)
    {
        var told = new ToldClock(_clock, null);
        told.Hear(Behind);
        _clock.Set(TimeSpan.FromMilliseconds(milliseconds));
        told.Behind.ShouldBeNull();
        told.Hear(Behind).ShouldBeTrue("what is on disk holds no more");
        told.Behind.ShouldBe(Behind);
    }

    [Fact]
    public void What_differs_by_the_mood_of_the_network_is_written_every_ten_minutes_only()
    {
        var told = new ToldClock(_clock, null);
        told.Hear(Behind);
        told.Hear(Behind + TimeSpan.FromMilliseconds(4)).ShouldBeFalse();
        told.Behind.ShouldBe(Behind + TimeSpan.FromMilliseconds(4));
        told.Hear(Behind + TimeSpan.FromMilliseconds(6)).ShouldBeTrue();
        _clock.Advance(TimeSpan.FromMinutes(10));
        told.Hear(Behind + TimeSpan.FromMilliseconds(6)).ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(5));
        told.Hear(Behind + TimeSpan.FromMilliseconds(6)).ShouldBeTrue();
    }

    [Fact]
    public void A_new_process_goes_on_from_what_is_kept_and_a_new_start_of_the_machine_does_not()
    {
        var before = new ToldClock(_clock, null);
        before.Hear(Behind);
        _clock.Advance(TimeSpan.FromMinutes(1));
        new ToldClock(_clock, before.Reading).Behind.ShouldBe(Behind);
        new ToldClock(_clock, before.Reading! with { Boot = "another" }).Behind.ShouldBeNull();
    }
}
