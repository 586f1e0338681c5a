using System.Threading.RateLimiting;
using GlusterBus.Runtime.Configuration;
using RabbitMQ.Client;

namespace GlusterBus.Runtime.Bus;

/// <summary>Connects to the broker as the configuration says. What comes back never reconnects by itself: who holds it decides what a loss means.</summary>
public static class BrokerConnection
{
    public const int PlainPort = 5672;

    public const int EncryptedPort = 5671;

    /// <summary>The longest that connecting to one of the hosts may take.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <param name="options">The broker.</param>
    /// <param name="name">Shown by the broker's management: role and node.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="RabbitMQ.Client.Exceptions.BrokerUnreachableException">No host answered, or none took the account.</exception>
    public static Task<IConnection> OpenAsync(RabbitMqOptions options, string name, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory
        {
            VirtualHost = options.VirtualHost,
            UserName = options.User,
            Password = Password(options),
            RequestedHeartbeat = options.Heartbeat,
            RequestedConnectionTimeout = ConnectTimeout,
            AutomaticRecoveryEnabled = false,
            ConsumerDispatchConcurrency = 1,
            ClientProvidedName = name,
        };
        SslOption tls = Tls(options);
        return factory.CreateConnectionAsync([.. Hosts(options).Select(host => new AmqpTcpEndpoint(host.Host, host.Port, Named(tls, host.Host)))], name, cancellationToken);
    }

    /// <summary>A channel whose publishes complete when the broker has confirmed them, with at most so many under way.</summary>
    /// <remarks>The client's own throttle would slow every publish down from half of that number on.</remarks>
    public static Task<IChannel> OpenChannelAsync(IConnection connection, int outstanding, CancellationToken cancellationToken) =>
        connection.CreateChannelAsync(
            new CreateChannelOptions(
                publisherConfirmationsEnabled: true,
                publisherConfirmationTrackingEnabled: true,
                outstandingPublisherConfirmationsRateLimiter: new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = outstanding, QueueLimit = int.MaxValue })),
            cancellationToken);

    /// <summary>The hosts with their ports.</summary>
    internal static IReadOnlyList<HostAndPort> Hosts(RabbitMqOptions options) =>
        [.. options.Hosts.Select(host => HostAndPort.TryParse(host, options.Tls.Enabled ? EncryptedPort : PlainPort)!)];

    internal static string Password(RabbitMqOptions options) =>
        SecretText.Read(options.Password, options.PasswordFile, "rabbitMq.passwordFile") ?? (options.User == "guest" ? "guest" : "");

    internal static SslOption Tls(RabbitMqOptions options)
    {
        if (!options.Tls.Enabled)
        {
            return new SslOption { Enabled = false };
        }

        var tls = new SslOption { Enabled = true, ServerName = options.Tls.ServerName ?? "", CertificateValidationCallback = TlsFiles.Validation(options.Tls, "rabbitMq.tls") };
        if (TlsFiles.ClientCertificate(options.Tls, "rabbitMq.tls") is { } certificate)
        {
            tls.Certs = [certificate];
        }

        return tls;
    }

    private static SslOption Named(SslOption tls, string host)
    {
        var named = new SslOption
        {
            Enabled = tls.Enabled,
            ServerName = string.IsNullOrEmpty(tls.ServerName) ? host : tls.ServerName,
            CertificateValidationCallback = tls.CertificateValidationCallback,
        };
        if (tls.Certs is { } certificates)
        {
            named.Certs = certificates;
        }

        return named;
    }
}
