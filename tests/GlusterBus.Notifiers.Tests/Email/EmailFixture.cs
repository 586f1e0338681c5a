using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.Email;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MimeKit;

namespace GlusterBus.Notifiers.Tests.Email;

/// <summary>Makes notifiers, transitions and mails for the tests of email.</summary>
internal static class EmailFixture
{
    public const string Team = "team@example.org";

    private static readonly DateTimeOffset At = new(2026, 11, 22, 9, 16, 38, 618, TimeSpan.Zero);

    public static EmailOptions Options(int port) => new()
    {
        Server = $"127.0.0.1:{port}",
        Encryption = EmailEncryption.None,
        From = "GlusterBus <glusterbus@example.org>",
        To = [Team],
        Settle = TimeSpan.Zero,
    };

    public static EmailNotifier Notifier(EmailOptions options, TimeProvider? clock = null, RecordingLogger? log = null) =>
        new(options, clock ?? TimeProvider.System, log is null ? NullLogger<EmailNotifier>.Instance : new Logger<EmailNotifier>(log));

    public static Delivery[] Offer(params IEnumerable<Transition> transitions) => [.. transitions.Select(t => new Delivery(t, TransitionJson.Write(t), 1))];

    /// <summary>A transition of brick <paramref name="path"/> from one state to another.</summary>
    public static Transition Brick(long sequence, string? from, string to, string path = "/srv/rv1", int seconds = 0) => SampleTransitions.Brick(sequence, path) with
    {
        Change = to,
        Previous = from,
        Current = to,
        Severity = EntityKinds.Named("brick")!.SeverityOf(to),
        Time = At.AddSeconds(seconds),
    };

    public static Digest DigestOf(params Transition[] transitions) => Digest.Of(transitions, Incidents.None, 20).Digest;

    /// <summary>The message of a digest, over the wire format and back.</summary>
    public static MimeMessage Parsed(Digest digest)
    {
        MailboxAddress address = MailAddresses.Parse("GlusterBus <glusterbus@example.org>");
        using var stream = new MemoryStream();
        MailMessage.Of(digest, address, [MailAddresses.Parse(Team)], At).WriteTo(stream);
        stream.Position = 0;
        return MimeMessage.Load(stream);
    }
}
