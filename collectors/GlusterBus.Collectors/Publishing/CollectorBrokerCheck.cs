using System.Net.Sockets;
using System.Text;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Contracts.Topology;
using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Configuration;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace GlusterBus.Collectors.Publishing;

/// <summary>Says before the start whether a collector could publish: its hosts, encryption, account, virtual host and the right to publish.</summary>
/// <remarks>Leaves nothing behind, and needs no more than <see cref="BrokerSinkOptions.LeastPermissions"/>.</remarks>
public static class CollectorBrokerCheck
{
    /// <summary>No queue is bound by this key: what is published with it comes back, and shows that publishing is allowed.</summary>
    private const string UnboundKey = "check";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Runs the whole check; throws for nothing but cancellation.</summary>
    public static async Task<IReadOnlyList<CheckResult>> RunAsync(RabbitMqOptions options, TimeProvider clock, CancellationToken cancellationToken)
    {
        HostAndPort[] hosts = [.. options.Hosts.Select(host => HostAndPort.TryParse(host, options.Tls.Enabled ? BrokerConnection.EncryptedPort : BrokerConnection.PlainPort)!)];
        string?[] problems = await Task.WhenAll(hosts.Select(host => ReachAsync(host, clock, cancellationToken)));
        bool isReached = problems.Any(problem => problem is null);
        List<CheckResult> results = [.. hosts.Zip(problems, (host, problem) => problem is null
            ? new CheckResult($"broker {host}")
            : new CheckResult($"broker {host}", problem, "start RabbitMQ there (systemctl start rabbitmq-server), let its port through, or set rabbitMq.hosts", IsWarning: isReached))];
        if (isReached)
        {
            results.AddRange(await UseAsync(options, clock, cancellationToken));
        }

        return results;
    }

    /// <summary>Null when somebody answers at the address.</summary>
    private static async Task<string?> ReachAsync(HostAndPort host, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(BrokerConnection.ConnectTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(host.Host, host.Port, either.Token);
            return null;
        }
        catch (SocketException e)
        {
            return e.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"no answer within {BrokerConnection.ConnectTimeout.TotalSeconds:F0} s";
        }
    }

    private static async Task<IReadOnlyList<CheckResult>> UseAsync(RabbitMqOptions options, TimeProvider clock, CancellationToken cancellationToken)
    {
        string account = $"account '{options.User}' in virtual host '{options.VirtualHost}'";
        string subject = account;
        using var timeout = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var results = new List<CheckResult>();
        try
        {
            await using IConnection connection = await BrokerConnection.OpenAsync(options, "glusterbus check", either.Token);
            results.Add(new CheckResult($"{account}, RabbitMQ {Version(connection)}{(options.Tls.Enabled ? ", encrypted" : "")}"));
            subject = $"publish to {BrokerNames.Observations}";
            await using IChannel channel = await BrokerConnection.OpenChannelAsync(connection, outstanding: 2, either.Token);
            await channel.BasicPublishAsync(BrokerNames.Observations, UnboundKey, mandatory: true, new BasicProperties(), ReadOnlyMemory<byte>.Empty, either.Token);
            results.Add(new CheckResult(subject));
        }
        catch (PublishException e) when (e.IsReturn)
        {
            results.Add(new CheckResult(subject));
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            Exception failure = e is OperationCanceledException ? new TimeoutException("", e) : e;
            BrokerTrouble trouble = BrokerTrouble.Of(failure, options, BrokerSinkOptions.LeastPermissions);

            // Without a router nothing has made the exchange yet; a collector waits for that.
            results.Add(new CheckResult(subject, trouble.Problem, trouble.Remedy, IsWarning: trouble.Kind == BrokerTroubleKind.Missing));
        }

        return results;
    }

    private static string Version(IConnection connection) =>
        connection.ServerProperties is { } properties && properties.TryGetValue("version", out object? value) && value is byte[] version ? Encoding.UTF8.GetString(version) : "of an unknown version";
}
