using System.Net.Sockets;
using System.Security.Authentication;
using GlusterBus.Runtime.Configuration;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace GlusterBus.Runtime.Bus;

/// <summary>What is in the way between us and the broker: a closed set.</summary>
public enum BrokerTroubleKind
{
    /// <summary>Nobody answers, or the line broke.</summary>
    Unreachable = 0,

    /// <summary>TLS could not be agreed on.</summary>
    Encryption = 1,

    /// <summary>The broker does not take the account.</summary>
    Account = 2,

    /// <summary>The virtual host does not exist.</summary>
    VirtualHost = 3,

    /// <summary>The account may not do what it must.</summary>
    Permission = 4,

    /// <summary>An exchange or queue does not exist.</summary>
    Missing = 5,

    /// <summary>The exchange exists, but nothing is bound that would take the message.</summary>
    Unroutable = 6,

    /// <summary>The broker took the message and could not keep it.</summary>
    NotKept = 7,

    /// <summary>The broker did not answer in time.</summary>
    Unanswered = 8,

    /// <summary>A file that the configuration names can't be used.</summary>
    Configuration = 9,

    /// <summary>Anything else.</summary>
    Other = 10,
}

/// <summary>A failure at the broker as an operator needs it.</summary>
/// <param name="Problem">One line without secrets.</param>
/// <param name="Remedy">What to type or change; null where waiting is all that helps.</param>
public sealed record BrokerTrouble(BrokerTroubleKind Kind, string Problem, string? Remedy = null)
{
    private const ushort AccessRefused = 403;
    private const ushort NotFound = 404;
    private const ushort NotAllowed = 530;

    /// <summary>Makes sense of what the client threw.</summary>
    /// <param name="failure">What was thrown while connecting, declaring or publishing.</param>
    /// <param name="options">The broker.</param>
    /// <param name="needed">What the role must be allowed to do.</param>
    public static BrokerTrouble Of(Exception failure, RabbitMqOptions options, BrokerPermissions needed)
    {
        Exception[] all = [.. Flatten(failure)];
        string hosts = string.Join(", ", BrokerConnection.Hosts(options));
        if (all.OfType<ConfigurationException>().FirstOrDefault() is { } configuration)
        {
            return new(BrokerTroubleKind.Configuration, configuration.Message);
        }

        if (all.OfType<OperationInterruptedException>().FirstOrDefault(e => e.ShutdownReason is { Initiator: ShutdownInitiator.Peer }) is { } interrupted)
        {
            return OfShutdown(interrupted.ShutdownReason!, options, hosts, needed);
        }

        if (all.Any(e => e is AuthenticationFailureException or PossibleAuthenticationFailureException))
        {
            return new(
                BrokerTroubleKind.Account,
                $"the broker at {hosts} does not take the account '{options.User}' with this password",
                options.User == "guest"
                    ? "guest is taken from the broker's own machine only; make an account: rabbitmqctl add_user glusterbus, and set rabbitMq.user and rabbitMq.passwordFile"
                    : $"rabbitmqctl add_user '{options.User}', or rabbitmqctl change_password '{options.User}', with the password of rabbitMq.passwordFile");
        }

        if (all.OfType<AuthenticationException>().FirstOrDefault() is { } encryption)
        {
            return new(
                BrokerTroubleKind.Encryption,
                $"TLS with {hosts} failed: {encryption.Message}",
                "set rabbitMq.tls.caFile to the authority that signed the broker's certificate, and rabbitMq.tls.serverName to the name in it if that is not the host's");
        }

        if (all.OfType<PublishException>().FirstOrDefault() is { } unpublished)
        {
            return unpublished.IsReturn
                ? new(BrokerTroubleKind.Unroutable, $"no queue of the broker at {hosts} takes what is published", "start a router: glusterbus route; rabbitMq.partitions must be the same on every machine")
                : new(BrokerTroubleKind.NotKept, $"the broker at {hosts} could not keep what was published", "look at its log, its disk space and whether most of its nodes run");
        }

        if (failure is TimeoutException)
        {
            return new(BrokerTroubleKind.Unanswered, $"the broker at {hosts} did not answer in time", "look whether it is out of memory or disk space: rabbitmqctl status");
        }

        string reason = all.OfType<SocketException>().FirstOrDefault()?.Message ?? all[^1].Message;
        return all.Any(e => e is BrokerUnreachableException or SocketException or IOException or AlreadyClosedException or OperationInterruptedException or TimeoutException)
            ? new(BrokerTroubleKind.Unreachable, $"no connection to the broker at {hosts}: {reason}", "start RabbitMQ there (systemctl start rabbitmq-server), let its port through, or set rabbitMq.hosts")
            : new(BrokerTroubleKind.Other, $"the broker at {hosts} can't be used: {reason}");
    }

    public override string ToString() => Remedy is null ? Problem : $"{Problem}; {Remedy}";

    private static BrokerTrouble OfShutdown(ShutdownEventArgs reason, RabbitMqOptions options, string hosts, BrokerPermissions needed) => reason.ReplyCode switch
    {
        NotFound => new(
            BrokerTroubleKind.Missing, $"the broker at {hosts} has not yet what is published to or read from: {reason.ReplyText}", "start a router first: glusterbus route"),
        AccessRefused when reason.ReplyText.Contains("Login was refused", StringComparison.OrdinalIgnoreCase) => new(
            BrokerTroubleKind.Account, $"the broker at {hosts} does not take the account '{options.User}' with this password", $"rabbitmqctl change_password '{options.User}'"),
        AccessRefused => new(BrokerTroubleKind.Permission, $"the account '{options.User}' may not do what it must: {reason.ReplyText}", needed.Command(options)),
        NotAllowed when reason.ReplyText.Contains("not found", StringComparison.Ordinal) => new(
            BrokerTroubleKind.VirtualHost, $"the broker at {hosts} has no virtual host '{options.VirtualHost}'", $"rabbitmqctl add_vhost '{options.VirtualHost}', then {needed.Command(options)}"),
        NotAllowed => new(
            BrokerTroubleKind.Permission, $"the account '{options.User}' may not use the virtual host '{options.VirtualHost}'", needed.Command(options)),
        _ => new(BrokerTroubleKind.Unreachable, $"the broker at {hosts} ended the connection: {reason.ReplyText}"),
    };

    private static IEnumerable<Exception> Flatten(Exception failure)
    {
        yield return failure;
        IEnumerable<Exception> inner = failure is AggregateException several ? several.InnerExceptions : failure.InnerException is { } one ? [one] : [];
        foreach (Exception e in inner.SelectMany(Flatten))
        {
            yield return e;
        }
    }
}
