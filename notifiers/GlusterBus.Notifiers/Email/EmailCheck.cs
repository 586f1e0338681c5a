using System.Globalization;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Runtime.Configuration;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace GlusterBus.Notifiers.Email;

/// <summary>Would mail go out? Connects, encrypts and logs in as for a mail, and sends one only when the configuration asks for it.</summary>
internal static class EmailCheck
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    public static async Task<IReadOnlyList<CheckResult>> RunAsync(EmailOptions options, HostAndPort server, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(options.Timeout < Longest ? options.Timeout : Longest, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        string subject = $"email {server}";
        try
        {
            await using SmtpSession session = await SmtpSession.OpenAsync(options, either.Token);
            List<CheckResult> results = [new CheckResult(options.User is null ? subject : $"{subject} as {options.User}")];
            if (options.TestMail)
            {
                results.AddRange(await SendAsync(session, options, clock, either.Token));
            }

            return results;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return [Problem(subject, "it does not answer in time", "check firewall, host and port; port 465 needs \"encryption\": \"tls\"")];
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return [Problem(subject, SmtpFault.Of(e, server, options.User).Message, Remedy(e))];
        }
    }

    private static async Task<IReadOnlyList<CheckResult>> SendAsync(SmtpSession session, EmailOptions options, TimeProvider clock, CancellationToken cancellationToken)
    {
        List<CheckResult> results = [];
        MailboxAddress from = MailAddresses.Parse(options.From);
        DateTimeOffset now = clock.GetUtcNow();
        string id = string.Create(CultureInfo.InvariantCulture, $"test-{now.UtcTicks}-{Environment.ProcessId}");
        MailboxAddress[] to = [.. options.To.Select(MailAddresses.Parse)];
        MimeMessage message = MailMessage.Test(from, to, id, now);
        foreach (MailboxAddress recipient in to)
        {
            string subject = $"email test mail to {recipient.Address}";
            try
            {
                await session.SendAsync(message, from, recipient, cancellationToken);
                results.Add(new CheckResult(subject));
            }
            catch (SmtpCommandException e) when (session.IsConnected)
            {
                results.Add(Problem(subject, SmtpFault.Reply(e), e.ErrorCode == SmtpErrorCode.SenderNotAccepted
                    ? "the server does not want this sender: correct from, or user" : "correct to, or ask who runs the server"));
            }
        }

        return results;
    }

    private static string Remedy(Exception e) => e switch
    {
        ConfigurationException => "make the file readable for glusterbus, or correct its name",
        AuthenticationException => "correct user or the password's file",
        SslHandshakeException => "check the server's certificate, or name its authority in caFile; STARTTLS belongs to port 587, \"encryption\": \"tls\" to 465",
        NotSupportedException => "use \"encryption\": \"tls\" with port 465, or \"none\" for a relay on this machine; leave user out where no login is offered",
        _ => "check that the server runs and that server names its host and port",
    };

    // The start is possible all the same: mails wait until the server takes them.
    private static CheckResult Problem(string subject, string problem, string remedy) => new(subject, problem, remedy, IsWarning: true);
}
