using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Notifiers.Email;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging;
using MimeKit;
using static GlusterBus.Notifiers.Tests.Email.EmailFixture;

namespace GlusterBus.Notifiers.Tests.Email;

/// <summary>Mails to a real server.</summary>
public sealed class EmailDeliveryTests
{
    private const string Second = "second@example.org";

    private readonly FakeClock _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task The_first_change_is_mailed_at_once_and_what_follows_in_one_mail_after_the_interval()
    {
        await using SmtpServer server = await StartAsync();
        EmailNotifier notifier = Notifier(Options(server.Port), _clock);

        (await notifier.GatherAsync(Offer(Brick(1, "online", "offline")), isFull: false, Token)).ShouldBe(new Gathered(1));
        Delivery[] waiting = Offer(Brick(2, "offline", "online"), Brick(1, "online", "offline", "/srv/x"), Brick(3, "online", "offline"));
        (await notifier.GatherAsync(waiting, isFull: false, Token)).ShouldBe(new Gathered(0, Again: TimeSpan.FromMinutes(5)));
        _clock.Advance(TimeSpan.FromMinutes(5));
        (await notifier.GatherAsync(waiting, isFull: false, Token)).ShouldBe(new Gathered(3));

        server.Mails.Count.ShouldBe(2);
        MimeMessage[] mails = [.. server.Mails.Select(mail => MimeMessage.Load(mail.File, Token))];
        mails[0].Subject.ShouldBe("[lab] error: brick/rv/gl2:/srv/rv1 is offline");
        mails[1].Subject.ShouldBe("[lab] error: brick/rv/gl2:/srv/rv1 is offline, and 1 more change");
        mails[1].TextBody!.ShouldContain("09:16:38 online, 09:16:38 offline");
        mails[1].TextBody!.ShouldContain("Brick gl2:/srv/x of volume rv went offline");
        server.Mails.ShouldAllBe(mail => mail.From == "glusterbus@example.org" && mail.To.Single() == Team && !mail.Encrypted);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_recovery_is_in_the_thread_of_the_failure()
    {
        await using SmtpServer server = await StartAsync();
        EmailNotifier notifier = Notifier(Options(server.Port) with { Interval = TimeSpan.Zero }, _clock);

        await notifier.GatherAsync(Offer(Brick(7, "online", "offline")), isFull: false, Token);
        await notifier.GatherAsync(Offer(Brick(8, "offline", "online", seconds: 62)), isFull: false, Token);
        EmailNotifier afterRestart = Notifier(Options(server.Port), _clock);
        await afterRestart.GatherAsync(Offer(Brick(8, "offline", "online", seconds: 62)), isFull: false, Token);

        MimeMessage[] mails = [.. server.Mails.Select(mail => MimeMessage.Load(mail.File, Token))];
        mails[1].InReplyTo.ShouldBe(mails[0].MessageId!);
        mails[1].TextBody!.ShouldContain("1 min 2 s, since 2026-11-22 09:16:38 UTC");
        mails[2].MessageId.ShouldBe(mails[1].MessageId);
        mails[2].References.ShouldBe([mails[0].MessageId!]);
    }

    [Fact(Timeout = 60_000)]
    public async Task Names_of_any_language_and_length_arrive_whole()
    {
        await using SmtpServer server = await StartAsync();
        EmailNotifier notifier = Notifier(Options(server.Port) with { From = "Glüster Büs <glusterbus@example.org>" }, _clock);
        string path = "/srv/データ/ü" + string.Concat(Enumerable.Repeat("/very-long-name", 200));

        await notifier.GatherAsync(Offer(Brick(1, "online", "offline", path)), isFull: false, Token);

        MimeMessage mail = MimeMessage.Load(server.Mails.Single().File, Token);
        mail.From.Mailboxes.Single().Name.ShouldBe("Glüster Büs");
        mail.Subject!.ShouldStartWith("[lab] error: brick/rv/gl2:/srv/データ/ü/very-long-name");
        mail.Subject!.ShouldEndWith(" is offline");
        mail.Subject!.Length.ShouldBeLessThanOrEqualTo(MailText.MaximumSubject);
        mail.HtmlBody!.ShouldContain("データ");
        (await File.ReadAllLinesAsync(server.Mails.Single().File, Token)).ShouldAllBe(line => line.Length <= 998);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_recipient_who_must_wait_gets_the_same_mail_later_and_nobody_gets_it_twice()
    {
        await using SmtpServer server = await StartAsync();
        server.Answer(Second, "450 4.2.0 greylisted");
        EmailNotifier notifier = Notifier(Options(server.Port) with { To = [Second, Team] }, _clock);
        Delivery[] first = Offer(Brick(1, "online", "offline"));

        DeliveryFailedException failure = await Should.ThrowAsync<DeliveryFailedException>(notifier.GatherAsync(first, isFull: false, Token));
        failure.Kind.ShouldBe(FailureKind.Smtp4xx);
        failure.Message.ShouldContain("450 4.2.0 greylisted");
        server.Answer(Second, null);
        Gathered gathered = await notifier.GatherAsync([.. first, .. Offer(Brick(2, "offline", "online"))], isFull: false, Token);

        gathered.ShouldBe(new Gathered(1));
        server.Mails.Select(mail => mail.To.Single()).ShouldBe([Team, Second]);
        (await File.ReadAllBytesAsync(server.Mails[0].File, Token)).ShouldBe(await File.ReadAllBytesAsync(server.Mails[1].File, Token));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_recipient_who_is_refused_for_good_stops_nobody_else_and_is_logged_once()
    {
        await using SmtpServer server = await StartAsync();
        server.Answer(Second, "550 5.1.1 no such user");
        var log = new RecordingLogger();
        EmailNotifier notifier = Notifier(Options(server.Port) with { To = [Second, Team], Interval = TimeSpan.Zero }, _clock, log);

        (await notifier.GatherAsync(Offer(Brick(1, "online", "offline")), isFull: false, Token)).ShouldBe(new Gathered(1));
        (await notifier.GatherAsync(Offer(Brick(2, "offline", "online")), isFull: false, Token)).ShouldBe(new Gathered(1));
        server.Answer(Second, null);
        (await notifier.GatherAsync(Offer(Brick(3, "online", "offline")), isFull: false, Token)).ShouldBe(new Gathered(1));

        server.Mails.Select(mail => mail.To.Single()).ShouldBe([Team, Team, Second, Team]);
        log.Lines.Select(line => line.Level).ShouldBe([LogLevel.Error, LogLevel.Information]);
        log.Lines[0].Text.ShouldContain($"refuses mail to {Second} for good, what it would have told is lost to them: 550 5.1.1 no such user");
    }

    [Theory(Timeout = 60_000)]
    [InlineData(Team, "550 5.1.1 no such user")]
    [InlineData("data", "554 5.7.1 not this content")]
    public async Task What_nobody_will_ever_take_is_rejected_with_the_answer(string word, string reply)
    {
        await using SmtpServer server = await StartAsync();
        server.Answer(word, reply);
        EmailNotifier notifier = Notifier(Options(server.Port), _clock);
        Delivery[] waiting = Offer(Brick(1, "online", "offline"));

        Gathered gathered = await notifier.GatherAsync(waiting, isFull: false, Token);

        gathered.Taken.ShouldBe(1);
        gathered.Rejection!.ShouldEndWith(reply);
        (await Should.ThrowAsync<DeliveryRejectedException>(notifier.NotifyAsync(waiting[0], Token))).Message.ShouldEndWith(reply);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("mail", "550 5.7.1 sender not allowed", FailureKind.Smtp5xx)]
    [InlineData("data", "451 4.3.0 try later", FailureKind.Smtp4xx)]
    public async Task What_may_be_mended_is_tried_again(string word, string reply, FailureKind kind)
    {
        await using SmtpServer server = await StartAsync();
        server.Answer(word, reply);
        EmailNotifier notifier = Notifier(Options(server.Port), _clock);
        Delivery[] waiting = Offer(Brick(1, "online", "offline"));

        (await Should.ThrowAsync<DeliveryFailedException>(notifier.GatherAsync(waiting, isFull: false, Token))).Kind.ShouldBe(kind);
        server.Answer(word, null);
        (await notifier.GatherAsync(waiting, isFull: false, Token)).ShouldBe(new Gathered(1));

        server.Mails.Count.ShouldBe(1);
    }

    [Fact(Timeout = 60_000)]
    public async Task When_the_answer_is_lost_the_mail_comes_again_with_the_same_id_and_nothing_is_added_to_it()
    {
        await using SmtpServer server = await StartAsync();
        server.Answer("after-data", "die");
        EmailNotifier notifier = Notifier(Options(server.Port), _clock);
        Delivery[] first = Offer(Brick(1, "online", "offline"));

        await Should.ThrowAsync<DeliveryFailedException>(notifier.GatherAsync(first, isFull: false, Token));
        await server.WaitForEndAsync();
        server.Answer("after-data", null);
        await server.StartServerAsync(Token);
        (await notifier.GatherAsync([.. first, .. Offer(Brick(2, "offline", "online"))], isFull: false, Token)).Taken.ShouldBe(1);

        server.Mails.Count.ShouldBe(2);
        (await File.ReadAllBytesAsync(server.Mails[0].File, Token)).ShouldBe(await File.ReadAllBytesAsync(server.Mails[1].File, Token));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_server_that_is_away_takes_with_the_first_mail_what_has_gathered_meanwhile()
    {
        await using SmtpServer server = await StartAsync();
        await server.KillAsync();
        EmailNotifier notifier = Notifier(Options(server.Port), _clock);
        Delivery[] waiting = Offer(Brick(1, "online", "offline"));

        (await Should.ThrowAsync<DeliveryFailedException>(notifier.GatherAsync(waiting, isFull: false, Token))).Kind.ShouldBe(FailureKind.Refused);
        await server.StartServerAsync(Token);
        (await notifier.GatherAsync([.. waiting, .. Offer(Brick(2, "offline", "online"))], isFull: false, Token)).ShouldBe(new Gathered(2));

        server.Mails.Count.ShouldBe(1);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_server_that_never_answers_is_left_after_the_timeout()
    {
        await using SmtpServer server = await StartAsync();
        server.Answer("data", "hang");
        EmailNotifier notifier = Notifier(Options(server.Port) with { Timeout = TimeSpan.FromSeconds(1) });

        DeliveryFailedException failure = await Should.ThrowAsync<DeliveryFailedException>(notifier.GatherAsync(Offer(Brick(1, "online", "offline")), isFull: false, Token));

        failure.Kind.ShouldBe(FailureKind.Timeout);
        failure.Message.ShouldBe($"127.0.0.1:{server.Port} did not take the mail within 1 s");
    }

    private static async Task<SmtpServer> StartAsync()
    {
        Assert.SkipWhen(SmtpServer.Obstacle is not null, SmtpServer.Obstacle ?? "");
        return await SmtpServer.StartAsync(Token);
    }
}
