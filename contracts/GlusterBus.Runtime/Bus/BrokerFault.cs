using System.Net.Sockets;
using System.Security.Authentication;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace GlusterBus.Runtime.Bus;

/// <summary>Tells apart what the broker's client throws. <see cref="BrokerTrouble"/> puts it into words.</summary>
public static class BrokerFault
{
    private const ushort AccessRefused = 403;
    private const ushort NotFound = 404;
    private const ushort PreconditionFailed = 406;

    /// <summary>True for what a broker that is away, restarting or unwilling makes its client throw.</summary>
    public static bool Is(Exception exception) =>
        exception is RabbitMQClientException or IOException or SocketException or TimeoutException or ObjectDisposedException or AuthenticationException;

    /// <summary>True when the broker refused because of the account's permissions.</summary>
    public static bool IsRefusal(Exception exception) => Reply(exception) == AccessRefused;

    /// <summary>True when what was named does not exist on the broker.</summary>
    public static bool IsAbsence(Exception exception) => Reply(exception) == NotFound;

    /// <summary>True when what was declared exists with other properties.</summary>
    public static bool IsMismatch(Exception exception) => Reply(exception) == PreconditionFailed;

    /// <summary>What the broker said when it closed channel or connection; else what the client says.</summary>
    public static string Text(Exception exception) => exception is OperationInterruptedException { ShutdownReason: { Initiator: ShutdownInitiator.Peer } reason } ? reason.ReplyText : exception.Message;

    private static ushort? Reply(Exception exception) =>
        exception is OperationInterruptedException { ShutdownReason: { Initiator: ShutdownInitiator.Peer } reason } ? reason.ReplyCode : null;
}
