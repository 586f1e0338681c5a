using GlusterBus.Collectors.GetState;

namespace GlusterBus.Collectors.Tests.GetState;

public sealed class LookScheduleTests
{
    private readonly LookSchedule _schedule = new(TimeSpan.FromSeconds(60));

    [Fact]
    public void The_first_look_is_due_at_once_and_the_next_at_the_interval()
    {
        _schedule.Next.ShouldBeLessThan(TimeSpan.Zero);
        Look(0, 0.1);
        _schedule.Next.ShouldBe(Seconds(60));
    }

    [Fact]
    public void The_earliest_request_decides()
    {
        Look(0, 0.1);
        _schedule.Request(Seconds(20));
        _schedule.Request(Seconds(5));
        _schedule.Request(Seconds(9));

        _schedule.Next.ShouldBe(Seconds(5));
    }

    [Fact]
    public void A_request_for_after_the_interval_does_not_put_the_look_off()
    {
        Look(0, 0.1);
        _schedule.Request(Seconds(90));
        _schedule.Next.ShouldBe(Seconds(60));
    }

    [Fact]
    public void One_look_answers_all_that_is_due_and_the_last_request_is_not_forgotten()
    {
        Look(0, 0.1);
        _schedule.Request(Seconds(2));
        _schedule.Request(Seconds(2.5));
        _schedule.Request(Seconds(7));

        Look(2.5, 2.6);
        _schedule.Next.ShouldBe(Seconds(7));

        Look(7, 7.1);
        _schedule.Next.ShouldBe(Seconds(67));
    }

    [Fact]
    public void A_request_made_while_a_look_runs_gets_one_of_its_own_after_the_least_gap()
    {
        _schedule.Began(Seconds(1));
        _schedule.Request(Seconds(1.1));
        _schedule.Ended(Seconds(1.2));

        _schedule.Next.ShouldBe(Seconds(1.45));
    }

    [Fact]
    public void A_storm_of_requests_leads_to_one_look_per_delay()
    {
        Look(0, 0.1);
        int looks = 0;
        for (int tick = 100; tick < 10_000; tick++)
        {
            TimeSpan now = TimeSpan.FromMilliseconds(tick);
            _schedule.Request(now + TimeSpan.FromSeconds(1));
            if (_schedule.Next <= now)
            {
                looks++;
                _schedule.Began(now);
                _schedule.Ended(now);
            }
        }

        looks.ShouldBeInRange(8, 10);
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private void Look(double began, double ended)
    {
        _schedule.Began(Seconds(began));
        _schedule.Ended(Seconds(ended));
    }
}
