using GlusterBus.Collectors.Publishing;

namespace GlusterBus.Collectors.Tests.Publishing;

public sealed class ReconnectPauseTests
{
    [Theory]
    [InlineData(1, 0.2)]
    [InlineData(2, 0.4)]
    [InlineData(5, 3.2)]
    [InlineData(7, 10)]
    [InlineData(1_000_000, 10)]
    public void The_pause_doubles_from_a_fifth_of_a_second_to_ten_and_chance_takes_away_up_to_half(int failures, double seconds)
    {
        ReconnectPause.After(failures, 0).TotalSeconds.ShouldBe(seconds, 1e-9);
        ReconnectPause.After(failures, 0.5).TotalSeconds.ShouldBe(seconds * 0.75, 1e-9);
        ReconnectPause.After(failures, 0.999_999).TotalSeconds.ShouldBe(seconds / 2, 1e-4);
    }
}
