using GlusterBus.Contracts.Entities;
using MimeKit;
using MimeKit.Text;

namespace GlusterBus.Notifiers.Email;

/// <summary>Makes the message of RFC 5322. Texts are cleaned before and encoded here: none can add a header.</summary>
internal static class MailMessage
{
    /// <param name="digest">What it tells.</param>
    /// <param name="from">The sender.</param>
    /// <param name="to">All recipients; the mail shows them to each other.</param>
    /// <param name="now">The time of sending.</param>
    public static MimeMessage Of(Digest digest, MailboxAddress from, IReadOnlyList<MailboxAddress> to, DateTimeOffset now)
    {
        string domain = MailAddresses.Domain(from);
        MimeMessage message = Frame(from, to, now);
        message.Subject = MailText.Subject(digest);
        message.MessageId = MessageIds.Of(digest, domain);
        string[] threads = [.. digest.Items[0].Threads.Select(incident => MessageIds.Thread(incident, domain)).Where(thread => thread != message.MessageId)];
        message.InReplyTo = threads.FirstOrDefault();
        message.References.AddRange(threads);

        if (digest.Gravest >= Severity.Error)
        {
            message.Importance = MessageImportance.High;
        }

        message.Body = new MultipartAlternative(Part(TextFormat.Plain, MailText.Body(digest)), Part(TextFormat.Html, MailHtml.Body(digest)));
        return message;
    }

    /// <summary>The mail of a test: it tells nothing but that it arrived.</summary>
    public static MimeMessage Test(MailboxAddress from, IReadOnlyList<MailboxAddress> to, string id, DateTimeOffset now)
    {
        MimeMessage message = Frame(from, to, now);
        message.Subject = "[GlusterBus] test: mail arrives";
        message.MessageId = $"{id}@{MailAddresses.Domain(from)}";
        message.Body = Part(TextFormat.Plain, "This mail was sent by glusterbus check, because testMail is true in its configuration.\nNothing is wrong, and there is nothing to do.\n\n-- \nGlusterBus\n");
        return message;
    }

    private static MimeMessage Frame(MailboxAddress from, IReadOnlyList<MailboxAddress> to, DateTimeOffset now)
    {
        var message = new MimeMessage { Date = now.ToUniversalTime() };
        message.From.Add(from);
        message.To.AddRange(to);

        // So that holiday answers stay away.
        message.Headers.Add(HeaderId.AutoSubmitted, "auto-generated");
        message.Headers.Add("X-Auto-Response-Suppress", "All");
        return message;
    }

    // Quoted-printable, so that long lines of evidence keep within the bounds of SMTP and text stays readable on the wire.
    private static TextPart Part(TextFormat format, string text)
    {
        var part = new TextPart(format) { ContentTransferEncoding = ContentEncoding.QuotedPrintable };
        part.SetText(System.Text.Encoding.UTF8, text);
        return part;
    }
}
