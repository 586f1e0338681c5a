using FsCheck;
using FsCheck.Fluent;
using GlusterBus.Contracts.Entities;
using GlusterBus.Notifiers.Email;

namespace GlusterBus.Notifiers.Tests.Email;

public sealed class MailScheduleTests
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(200);

    private static readonly MailSchedule Schedule = new(TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(1), 30);

    [Fact]
    public void The_first_mail_goes_at_once() =>
        Schedule.Wait(MailSchedule.Memory.Empty, Severity.Info, TimeSpan.FromDays(3), isFull: false, TimeSpan.FromDays(3) + Schedule.Settle).ShouldBe(TimeSpan.Zero);

    [Fact]
    public void A_change_waits_for_those_that_come_with_it_unless_nothing_more_can_come()
    {
        Schedule.Wait(MailSchedule.Memory.Empty, Severity.Error, TimeSpan.FromSeconds(10), isFull: false, TimeSpan.FromSeconds(10.25)).ShouldBe(TimeSpan.FromSeconds(0.75));
        Schedule.Wait(MailSchedule.Memory.Empty, Severity.Error, TimeSpan.FromSeconds(10), isFull: true, TimeSpan.FromSeconds(10.25)).ShouldBe(TimeSpan.Zero);

        MailSchedule.Memory memory = Schedule.Sent(MailSchedule.Memory.Empty, Severity.Error, TimeSpan.Zero);
        Schedule.Wait(memory, Severity.Critical, TimeSpan.FromSeconds(10), isFull: false, TimeSpan.FromSeconds(10)).ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void What_follows_waits_for_the_rest_of_the_interval()
    {
        MailSchedule.Memory memory = Schedule.Sent(MailSchedule.Memory.Empty, Severity.Error, TimeSpan.Zero);

        Schedule.Wait(memory, Severity.Error, TimeSpan.Zero, isFull: false, TimeSpan.FromMinutes(2)).ShouldBe(TimeSpan.FromMinutes(3));
        Schedule.Wait(memory, Severity.Ok, TimeSpan.Zero, isFull: false, TimeSpan.FromMinutes(5)).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void What_is_graver_than_all_that_was_told_meanwhile_does_not_wait()
    {
        MailSchedule.Memory memory = Schedule.Sent(MailSchedule.Memory.Empty, Severity.Error, TimeSpan.Zero);

        Schedule.Wait(memory, Severity.Critical, TimeSpan.Zero, isFull: false, TimeSpan.FromSeconds(1)).ShouldBe(TimeSpan.Zero);

        memory = Schedule.Sent(memory, Severity.Critical, TimeSpan.FromSeconds(1));
        Schedule.Wait(memory, Severity.Critical, TimeSpan.Zero, isFull: false, TimeSpan.FromSeconds(2)).ShouldBe(TimeSpan.FromSeconds(299));

        // A new interval begins anew: an error is then graver than what its first mail told.
        memory = Schedule.Sent(memory, Severity.Ok, TimeSpan.FromSeconds(301));
        Schedule.Wait(memory, Severity.Error, TimeSpan.Zero, isFull: false, TimeSpan.FromSeconds(302)).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void When_nothing_more_can_be_gathered_the_mail_goes_as_far_as_the_allowance_lets_it()
    {
        var schedule = new MailSchedule(TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(1), 8);
        MailSchedule.Memory memory = MailSchedule.Memory.Empty;
        for (int i = 0; i < 4; i++)
        {
            schedule.Wait(memory, Severity.Error, TimeSpan.Zero, isFull: true, TimeSpan.FromSeconds(i)).ShouldBe(TimeSpan.Zero);
            memory = schedule.Sent(memory, Severity.Error, TimeSpan.FromSeconds(i));
        }

        TimeSpan wait = schedule.Wait(memory, Severity.Critical, TimeSpan.Zero, isFull: true, TimeSpan.FromSeconds(4));
        wait.ShouldBeInRange(TimeSpan.FromMinutes(14), TimeSpan.FromMinutes(15));
        schedule.Wait(memory, Severity.Critical, TimeSpan.Zero, isFull: true, TimeSpan.FromSeconds(4) + wait).ShouldBe(TimeSpan.Zero, TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public void In_no_hour_there_are_more_mails_than_allowed_whatever_happens() => Check.One(Runs, Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
    {
        (MailSchedule schedule, List<TimeSpan> sent) = Play(seed, waits: null);
        return sent.All(begin => sent.Count(at => at >= begin && at < begin + TimeSpan.FromHours(1)) <= schedule.PerHour);
    }));

    [Fact]
    public void Nothing_waits_longer_than_a_broker_lets_it_be_held() => Check.One(Runs, Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
    {
        List<TimeSpan> waits = [];
        Play(seed, waits);
        return waits.All(wait => wait <= TimeSpan.FromMinutes(15) + TimeSpan.FromSeconds(1));
    }));

    [Fact]
    public void Whoever_comes_again_after_the_wait_is_let_through() => Check.One(Runs, Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
    {
        var random = new Random(seed);
        MailSchedule schedule = Any(random);
        var memory = new MailSchedule.Memory(TimeSpan.Zero, (Severity)random.Next(6), random.NextDouble() * schedule.PerHour / 2);
        var now = TimeSpan.FromSeconds(random.Next(3600));
        var gravest = (Severity)random.Next(6);
        TimeSpan wait = schedule.Wait(memory, gravest, now, isFull: false, now);
        return wait >= schedule.Settle && schedule.Wait(memory, gravest, now, isFull: false, now + wait) <= TimeSpan.FromMilliseconds(1);
    }));

    /// <summary>Twelve hours in which something happens at random moments, in bursts, of any severity.</summary>
    private static (MailSchedule Schedule, List<TimeSpan> Sent) Play(int seed, List<TimeSpan>? waits)
    {
        var random = new Random(seed);
        MailSchedule schedule = Any(random);
        MailSchedule.Memory memory = MailSchedule.Memory.Empty;
        List<TimeSpan> sent = [];
        TimeSpan now = TimeSpan.Zero;
        TimeSpan? since = null;
        Severity gravest = Severity.Ok;
        while (now < TimeSpan.FromHours(12))
        {
            now += TimeSpan.FromSeconds(random.Next(4) == 0 ? random.Next(1, 900) : random.NextDouble());
            gravest = (Severity)Math.Max((int)gravest, random.Next(6));
            since ??= now;
            TimeSpan wait = schedule.Wait(memory, gravest, since.Value, isFull: random.Next(10) == 0, now);
            waits?.Add(wait);
            if (wait == TimeSpan.Zero)
            {
                memory = schedule.Sent(memory, gravest, now);
                sent.Add(now);
                (since, gravest) = (null, Severity.Ok);
            }
        }

        return (schedule, sent);
    }

    private static MailSchedule Any(Random random) => new(TimeSpan.FromSeconds(random.Next(0, 900)), TimeSpan.FromSeconds(random.Next(0, 60)), random.Next(8, 200));
}
