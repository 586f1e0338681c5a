using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Notifiers.Email;
using MimeKit;
using static GlusterBus.Notifiers.Tests.Email.EmailFixture;

namespace GlusterBus.Notifiers.Tests.Email;

public sealed class MailMessageTests
{
    private static readonly string[] Headers =
        ["Auto-Submitted", "Content-Type", "Date", "From", "Importance", "In-Reply-To", "Message-Id", "MIME-Version", "References", "Subject", "To", "X-Auto-Response-Suppress"];

    private static readonly string[] Nasty =
        ["\r\nBcc: evil@example.org", "\n.\r\nQUIT", "\0", "ä", "日本", "\ud83d\udca5", "\ud83d", "\u2028", "\u202e", "<script>", "\"", "=?utf-8?q?x?=", " ", "\t", "a", "…", "&amp;", "-- \n"];

    [Fact]
    public void The_subject_tells_cluster_severity_entity_and_state()
    {
        Parsed(DigestOf(Brick(1, "online", "offline"))).Subject.ShouldBe("[lab] error: brick/rv/gl2:/srv/rv1 is offline");
        Parsed(DigestOf(Brick(2, "offline", "online"))).Subject.ShouldBe("[lab] ok: brick/rv/gl2:/srv/rv1 is online");
        Parsed(DigestOf(Brick(2, "offline", "online", "/x"), Brick(1, "online", "offline"), Brick(3, "online", "offline", "/y"))).Subject
            .ShouldBe("[lab] error: brick/rv/gl2:/srv/rv1 is offline, and 2 more changes");
        Parsed(DigestOf(Brick(1, "online", "offline") with { Replay = true })).Subject.ShouldBe("[lab] replay: error: brick/rv/gl2:/srv/rv1 is offline");
    }

    [Fact]
    public void The_subject_of_what_leaves_no_state_tells_what_happened() =>
        Parsed(DigestOf(Brick(1, null, "online") with { Current = null, Occurrence = "start-ordered", Change = "start-ordered", Severity = Severity.Info })).Subject
            .ShouldBe("[lab] info: brick/rv/gl2:/srv/rv1: start-ordered");

    [Fact]
    public void Both_bodies_tell_what_changed_since_when_why_how_it_is_known_and_what_to_look_at()
    {
        Transition transition = Brick(6, "offline", "health-failed", seconds: 75) with { Cause = "lab/node/gl2@3", Actor = new Actor("gluster volume start rv force", "gl1") };
        MimeMessage mail = Parsed(DigestOf(Brick(5, "online", "offline"), transition));
        string[] wanted =
        [
            "Brick gl2:/srv/rv1 of volume rv failed its health check", "offline → health-failed", "2026-11-22 09:16:38 UTC, 1 min 15 s before", "lab/node/gl2@3",
            "on gl1: gluster volume start rv force", "Brick gl2:/srv/rv1 has disconnected from glusterd.", "/var/log/glusterfs/glusterd.log:48213", "gl2/logs",
            "On gl2: dmesg --level err,crit | tail -n 30", "lab/brick/rv/gl2:/srv/rv1@6",
        ];

        foreach (string text in wanted)
        {
            mail.TextBody!.ShouldContain(text);
            System.Net.WebUtility.HtmlDecode(mail.HtmlBody)!.ShouldContain(text);
        }
    }

    [Fact]
    public void A_recovery_tells_how_long_the_bad_state_lasted() =>
        Parsed(DigestOf(Brick(5, "online", "offline"), Brick(6, "offline", "online", seconds: 7500))).TextBody!.ShouldContain("lasted    2 h 5 min, since 2026-11-22 09:16:38 UTC");

    [Fact]
    public void What_exceeds_the_entries_is_counted_by_severity_with_the_command_that_shows_it()
    {
        Transition[] transitions = [.. Enumerable.Range(0, 30).Select(i => Brick(1, "online", i % 3 == 0 ? "offline" : "health-failed", $"/srv/{i}"))];
        (Digest digest, _) = Digest.Of(transitions, Incidents.None, 20);
        MimeMessage mail = Parsed(digest);

        mail.TextBody!.ShouldContain("10 more suppressed: 10 error.");
        mail.HtmlBody!.ShouldContain("10 more suppressed: 10 error.");
        mail.TextBody!.ShouldContain("glusterbus history --since 2026-11-22T09:16:38Z");
        digest.LeftOut.ShouldBe(10);
    }

    [Fact]
    public void An_incident_is_one_thread_and_its_first_mail_is_the_beginning()
    {
        (Digest first, Incidents open) = Digest.Of([Brick(4, "online", "offline")], Incidents.None, 20);
        (Digest worse, open) = Digest.Of([Brick(5, "offline", "health-failed")], open, 20);
        (Digest end, open) = Digest.Of([Brick(6, "health-failed", "online")], open, 20);
        (Digest next, _) = Digest.Of([Brick(7, "online", "offline")], open, 20);
        MimeMessage beginning = Parsed(first);

        beginning.InReplyTo.ShouldBeNull();
        foreach (MimeMessage mail in new[] { Parsed(worse), Parsed(end) })
        {
            mail.InReplyTo.ShouldBe(beginning.MessageId);
            mail.References.ShouldBe([beginning.MessageId!]);
            mail.MessageId.ShouldNotBe(beginning.MessageId);
        }

        Parsed(next).InReplyTo.ShouldBeNull();
        Parsed(next).MessageId.ShouldNotBe(beginning.MessageId);
        Parsed(first).MessageId.ShouldBe(beginning.MessageId, "sent again it must be known again");
    }

    [Fact]
    public void A_mail_that_tells_of_an_end_and_of_the_next_beginning_belongs_to_both_threads()
    {
        (Digest first, Incidents open) = Digest.Of([Brick(4, "online", "offline")], Incidents.None, 20);
        (Digest flap, open) = Digest.Of([Brick(5, "offline", "online"), Brick(6, "online", "offline")], open, 20);
        (Digest end, open) = Digest.Of([Brick(7, "offline", "online")], open, 20);
        (Digest news, _) = Digest.Of([Brick(8, "online", "offline"), Brick(9, "offline", "online"), Brick(10, "online", "offline")], open, 20);
        string beginning = Parsed(first).MessageId!;

        MimeMessage both = Parsed(flap);
        both.InReplyTo.ShouldBe(beginning);
        both.References.Count.ShouldBe(2);
        both.References[0].ShouldBe(beginning);
        Parsed(end).References.ShouldBe([both.References[1]], "later mails are about the second one alone");
        Parsed(news).References.Count.ShouldBe(1, "nothing was mailed of what began and ended meanwhile");
    }

    [Fact]
    public void No_text_from_logs_or_network_adds_a_header_breaks_a_line_or_leaves_the_html() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(150), Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new Random(seed);
            string Text(int most) => string.Concat(Enumerable.Range(0, random.Next(1, most)).Select(_ => Nasty[random.Next(Nasty.Length)]));
            string name = new([.. ("b" + Text(random.Next(2) == 0 ? 10 : 1500)).Where(c => !char.IsControl(c)).Take(4000)]);
            Transition transition = Brick(random.Next(1, 5), "online", "offline") with
            {
                Cluster = "c" + Text(6),
                Entity = EntityId.Of("brick", "v", name),
                Change = "x" + Text(6),
                Current = "offline" + Text(4),
                Cause = Text(8),
                Actor = new Actor(Text(100), Text(5)),
                Evidence = [new Evidence("log-line", Text(600), Text(20), Text(4), default)],
                Observers = [Text(4)],
                Changed = new Dictionary<string, AttributeChange> { [Text(3)] = new(Text(9), Text(9)) },
            };
            using var wire = new MemoryStream();
            MimeMessage message = MailMessage.Of(DigestOf(transition), MailAddresses.Parse("G <g@example.org>"), [MailAddresses.Parse(Team)], default);
            message.WriteTo(wire);
            string[] lines = Encoding.UTF8.GetString(wire.ToArray()).Split('\n');
            wire.Position = 0;
            MimeMessage parsed = MimeMessage.Load(wire);
            parsed.Headers.Select(header => header.Field).ShouldBeSubsetOf(Headers);
            parsed.Headers.Select(header => header.Field).ShouldBeUnique();
            parsed.To.Mailboxes.Select(to => to.Address).ShouldBe([Team]);
            parsed.Subject!.Length.ShouldBeLessThanOrEqualTo(MailText.MaximumSubject + 60);
            lines.ShouldAllBe(line => line.Length <= 998 && line.All(char.IsAscii));
            parsed.HtmlBody!.ShouldNotContain("<script");
            parsed.TextBody!.ShouldContain("entity");
            return true;
        }));

    [Theory]
    [InlineData("nobody")]
    [InlineData("@example.org")]
    [InlineData("a@")]
    [InlineData("a@example.org\nBcc: b@example.org")]
    [InlineData("a@example.org, b@example.org")]
    [InlineData("")]
    public void What_is_no_address_is_told_with_an_example(string text) => MailAddresses.Problem(text)!.ShouldContain("@example.org");

    [Theory]
    [InlineData("a@example.org")]
    [InlineData("Jörg Müller <jörg@bücher.example>")]
    [InlineData("\"Team, storage\" <team+gluster@example.org>")]
    public void Addresses_may_have_names_and_letters_of_any_language(string text) => MailAddresses.Problem(text).ShouldBeNull();
}
