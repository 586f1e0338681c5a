using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Runtime.Configuration;
using MailKit.Net.Smtp;
using Microsoft.Extensions.Logging;
using MimeKit;

namespace GlusterBus.Notifiers.Email;

/// <summary>Mails what changes: the first change at once, what follows together, one thread per incident.</summary>
/// <remarks>Nothing counts as delivered before the server has taken the mail for every recipient, or refused it for good. A mail that some have is the same mail
/// for the others.</remarks>
public sealed partial class EmailNotifier : IGatheringNotifier, IPlugin, IConnectionTest
{
    private readonly EmailOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<EmailNotifier> _logger;
    private readonly HostAndPort _server;
    private readonly MailSchedule _schedule;
    private readonly long _origin;
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);
    private MailSchedule.Memory _memory = MailSchedule.Memory.Empty;
    private Incidents _incidents = Incidents.None;
    private OutgoingMail? _begun;
    private TimeSpan? _waitingSince;

    /// <param name="options">Recipients and server.</param>
    /// <param name="clock">Times attempts and intervals.</param>
    /// <param name="logger">Hears of recipients that the server refuses while others get their mail.</param>
    public EmailNotifier(EmailOptions options, TimeProvider clock, ILogger<EmailNotifier> logger)
    {
        (_options, _clock, _logger) = (options, clock, logger);
        _server = SmtpSession.Server(options);
        _schedule = new MailSchedule(options.Interval, options.Settle, options.PerHour);
        _origin = clock.GetTimestamp();
    }

    public static PluginSpec Spec { get; } = PluginSpec.For<EmailOptions>(
        "email",
        "Mails what changes, several changes together, with causes, evidence and what to look at",
        """
        { "server": "mail.example.org:587", "user": "glusterbus", "passwordFile": "/etc/glusterbus/mail.password",
          "from": "GlusterBus <glusterbus@example.org>", "to": ["storage-team@example.org"] }
        """);

    /// <summary>One mail for this transition, now, whatever was sent before.</summary>
    public async Task NotifyAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        if ((await SendAsync([delivery], cancellationToken)).Rejection is { } reason)
        {
            throw new DeliveryRejectedException(reason);
        }
    }

    public async Task<Gathered> GatherAsync(IReadOnlyList<Delivery> waiting, bool isFull, CancellationToken cancellationToken)
    {
        if (_begun?.IsOf(waiting) != true)
        {
            _waitingSince ??= Now;
            TimeSpan wait = _schedule.Wait(_memory, waiting.Max(delivery => delivery.Transition.Severity), _waitingSince.Value, isFull, Now);
            if (wait > TimeSpan.Zero)
            {
                return new Gathered(0, Again: wait);
            }
        }

        return await SendAsync(waiting, cancellationToken);
    }

    public Task<IReadOnlyList<CheckResult>> CheckAsync(CancellationToken cancellationToken) => EmailCheck.RunAsync(_options, _server, _clock, cancellationToken);

    private TimeSpan Now => _clock.GetElapsedTime(_origin);

    private async Task<Gathered> SendAsync(IReadOnlyList<Delivery> waiting, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        OutgoingMail mail = _begun?.IsOf(waiting) == true ? _begun : Compose(waiting);
        using var timer = new CancellationTokenSource(_options.Timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            await CarryAsync(mail, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DeliveryFailedException(FailureKind.Timeout, $"{_server} did not take the mail within {_options.Timeout.TotalSeconds} s");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw SmtpFault.Of(e, _server, _options.User);
        }

        (_begun, _waitingSince, _incidents) = (null, null, mail.After);
        if (mail.Accepted == 0)
        {
            return new Gathered(mail.Count, Rejection: $"{_server} refuses the mail for every recipient: {mail.Refusal}");
        }

        _memory = _schedule.Sent(_memory, mail.Digest.Gravest, Now);
        return new Gathered(mail.Count, mail.Digest.LeftOut);
    }

    private OutgoingMail Compose(IReadOnlyList<Delivery> waiting)
    {
        (Digest digest, Incidents after) = Digest.Of([.. waiting.Select(delivery => delivery.Transition)], _incidents, _options.Entries);
        MailboxAddress[] to = [.. _options.To.Select(MailAddresses.Parse)];
        MimeMessage message = MailMessage.Of(digest, MailAddresses.Parse(_options.From), to, _clock.GetUtcNow());
        return new OutgoingMail(message, digest, after, [.. waiting.Select(delivery => delivery.Transition.Id)], to);
    }

    private async Task CarryAsync(OutgoingMail mail, CancellationToken cancellationToken)
    {
        await using SmtpSession session = await SmtpSession.OpenAsync(_options, cancellationToken);

        // From here on somebody may have it, and an answer that is lost tells nothing.
        _begun = mail;
        SmtpCommandException? failure = null;
        foreach (MailboxAddress recipient in mail.Left.ToArray())
        {
            try
            {
                await session.SendAsync(mail.Message, MailAddresses.Parse(_options.From), recipient, cancellationToken);
                mail.Accepted++;
                Accept(recipient.Address);
            }
            catch (SmtpCommandException e) when (SmtpFault.IsRefusal(e) && session.IsConnected)
            {
                mail.Refusal = SmtpFault.Reply(e);
                Refuse(recipient.Address, mail.Refusal);
            }
            catch (SmtpCommandException e) when (session.IsConnected)
            {
                failure ??= e;
                continue;
            }

            mail.Left.Remove(recipient);
        }

        if (failure is not null)
        {
            throw failure;
        }
    }

    private void Accept(string recipient)
    {
        if (_refused.Remove(recipient))
        {
            LogAccepted(_server, recipient);
        }
    }

    private void Refuse(string recipient, string reply)
    {
        if (_refused.Add(recipient))
        {
            LogRefused(_server, recipient, reply);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Server} refuses mail to {Recipient} for good, what it would have told is lost to them: {Reply}")]
    private partial void LogRefused(HostAndPort server, string recipient, string reply);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Server} takes mail to {Recipient} again")]
    private partial void LogAccepted(HostAndPort server, string recipient);
}
