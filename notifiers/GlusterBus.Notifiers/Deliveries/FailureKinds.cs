using System.Net.Sockets;
using System.Security.Authentication;

namespace GlusterBus.Notifiers.Deliveries;

/// <summary>Names of <see cref="FailureKind"/> and the kind of an exception.</summary>
public static class FailureKinds
{
    /// <summary>The label's value, such as <c>http-5xx</c>.</summary>
    public static string Name(this FailureKind kind) => kind switch
    {
        FailureKind.Timeout => "timeout",
        FailureKind.Refused => "refused",
        FailureKind.Http4xx => "http-4xx",
        FailureKind.Http5xx => "http-5xx",
        FailureKind.Tls => "tls",
        FailureKind.Dns => "dns",
        FailureKind.ProcessExit => "process-exit",
        FailureKind.Smtp4xx => "smtp-4xx",
        FailureKind.Smtp5xx => "smtp-5xx",
        FailureKind.Denied => "denied",
        _ => "other",
    };

    /// <summary>The kind of whatever a plugin threw; the outermost exception that tells decides.</summary>
    public static FailureKind Of(Exception exception)
    {
        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            FailureKind kind = e switch
            {
                DeliveryFailedException failed => failed.Kind,
                HttpRequestException { StatusCode: { } status } => (int)status >= 500 ? FailureKind.Http5xx : FailureKind.Http4xx,
                HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => FailureKind.Dns,
                HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => FailureKind.Tls,
                AuthenticationException => FailureKind.Tls,
                SocketException socket => Of(socket.SocketErrorCode),
                TimeoutException or OperationCanceledException => FailureKind.Timeout,
                _ => FailureKind.Other,
            };
            if (kind != FailureKind.Other)
            {
                return kind;
            }
        }

        return FailureKind.Other;
    }

    private static FailureKind Of(SocketError error) => error switch
    {
        SocketError.ConnectionRefused or SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.HostUnreachable
            or SocketError.NetworkUnreachable => FailureKind.Refused,
        SocketError.TimedOut => FailureKind.Timeout,
        SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData or SocketError.NoRecovery => FailureKind.Dns,
        _ => FailureKind.Other,
    };
}
