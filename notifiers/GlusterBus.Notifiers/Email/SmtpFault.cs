using System.Globalization;
using System.Net.Sockets;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Runtime.Configuration;
using GlusterBus.Runtime.Text;
using MailKit.Net.Smtp;
using MailKit.Security;

namespace GlusterBus.Notifiers.Email;

/// <summary>What a failure at the mail server means. Pure; no text of it holds the password, whatever the server says.</summary>
internal static class SmtpFault
{
    private const int MaximumReply = 200;

    /// <summary>True when this mail will never be taken for this recipient: a permanent answer to the recipient or to the message. A sender or a login that is
    /// refused is none: the configuration is wrong, not the mail.</summary>
    public static bool IsRefusal(SmtpCommandException e) =>
        (int)e.StatusCode >= 500 && e.ErrorCode is SmtpErrorCode.RecipientNotAccepted or SmtpErrorCode.MessageNotAccepted && e.StatusCode != SmtpStatusCode.AuthenticationRequired;

    /// <summary>The server's answer as one line, such as <c>550 no such user</c>.</summary>
    public static string Reply(SmtpCommandException e) =>
        string.Create(CultureInfo.InvariantCulture, $"{(int)e.StatusCode} {Bounded(TransitionText.Clean(e.Message))}");

    /// <summary>The failure for people and metrics.</summary>
    public static DeliveryFailedException Of(Exception e, HostAndPort server, string? user) => e switch
    {
        DeliveryFailedException known => known,
        ConfigurationException wrong => new(FailureKind.Other, string.Join("; ", wrong.Problems.Select(p => p.ToString()))),

        // What a server says about a login may repeat it.
        AuthenticationException login => new(
            FailureKind.Smtp5xx,
            string.Create(CultureInfo.InvariantCulture, $"{server} refuses the login of user '{user}'{(login.InnerException is SmtpCommandException answer ? $" ({(int)answer.StatusCode})" : "")}")),
        SslHandshakeException tls => new(FailureKind.Tls, $"no secure connection to {server}: {Bounded(TransitionText.Clean(tls.GetBaseException().Message))}"),
        NotSupportedException when user is null => new(FailureKind.Tls, $"{server} offers no STARTTLS"),
        NotSupportedException missing => new(FailureKind.Tls, $"{server} lacks what is needed: {Bounded(TransitionText.Clean(missing.Message))}"),
        SmtpCommandException answer => new((int)answer.StatusCode >= 500 ? FailureKind.Smtp5xx : FailureKind.Smtp4xx, $"{server} answers {Reply(answer)}"),
        SmtpProtocolException => new(FailureKind.Refused, $"{server} ended the connection"),
        SocketException socket => new(FailureKinds.Of(socket), $"no connection to {server}: {socket.Message}"),
        _ => new(FailureKinds.Of(e), $"{server} could not be reached: {Bounded(TransitionText.Clean(e.GetBaseException().Message))}"),
    };

    private static string Bounded(string text) => text.Length <= MaximumReply ? text : string.Concat(text.AsSpan(0, MaximumReply - 1), "…");
}
