using System.Net.Sockets;
using System.Security.Authentication;
using GlusterBus.Runtime.Configuration;
using RabbitMQ.Client.Exceptions;

namespace GlusterBus.Runtime.Bus;

/// <summary>What the broker's client throws, in words for people: one line, without secrets.</summary>
public static class BrokerFault
{
    private const ushort AccessRefused = 403;
    private const ushort NotFound = 404;

    /// <summary>True for what a broker that is away, restarting or unwilling makes its client throw.</summary>
    public static bool Is(Exception exception) =>
        exception is RabbitMQClientException or IOException or SocketException or TimeoutException or ObjectDisposedException or AuthenticationException;

    /// <summary>True when the broker refused because of the account's permissions.</summary>
    public static bool IsRefusal(Exception exception) => Reply(exception)?.Code == AccessRefused;

    /// <summary>True when what was named does not exist on the broker.</summary>
    public static bool IsAbsence(Exception exception) => Reply(exception)?.Code == NotFound;

    /// <summary>What went wrong.</summary>
    public static string Text(RabbitMqOptions options, Exception exception)
    {
        IReadOnlyList<Exception> all = [.. Flatten(exception)];
        string hosts = string.Join(", ", BrokerConnection.Hosts(options));
        if (all.Any(e => e is AuthenticationFailureException or PossibleAuthenticationFailureException))
        {
            return $"the broker at {hosts} refuses the account '{options.User}': there is no such account, or its password is another";
        }

        if (all.Select(Reply).FirstOrDefault(reply => reply is not null) is { } reply)
        {
            return reply.Text.Contains("vhost", StringComparison.OrdinalIgnoreCase)
                ? $"the broker at {hosts} has no virtual host '{options.VirtualHost}', or the account '{options.User}' may not use it"
                : reply.Code == AccessRefused
                    ? $"the account '{options.User}' may not do this: {reply.Text}"
                    : $"the broker at {hosts} answered: {reply.Text}";
        }

        if (all.FirstOrDefault(e => e is AuthenticationException) is { } encryption)
        {
            return $"no encrypted connection to the broker at {hosts}: {encryption.Message}";
        }

        string detail = all.FirstOrDefault(e => e is SocketException)?.Message ?? all[^1].Message;
        return exception is BrokerUnreachableException ? $"no broker answers at {hosts}: {detail}" : $"the connection to the broker at {hosts} was lost: {detail}";
    }

    private static (ushort Code, string Text)? Reply(Exception exception) =>
        exception is OperationInterruptedException { ShutdownReason: { Initiator: RabbitMQ.Client.ShutdownInitiator.Peer, ReplyCode: > 0 } reason } ? (reason.ReplyCode, reason.ReplyText) : null;

    private static IEnumerable<Exception> Flatten(Exception? exception) => exception switch
    {
        null => [],
        AggregateException many => many.InnerExceptions.SelectMany(Flatten),
        _ => [exception, .. Flatten(exception.InnerException)],
    };
}
