using System.Net.Sockets;
using System.Text;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Runtime.Configuration;
using RabbitMQ.Client;

namespace GlusterBus.Runtime.Bus;

/// <summary>What every role wants to know of the broker before the start: do its hosts answer, is the encryption right, is the account taken. What a role then
/// does with the connection it tests itself.</summary>
public static class BrokerCheck
{
    /// <summary>Quorum queues hand on what they park without a loss from this version on.</summary>
    public static readonly Version Oldest = new(3, 10);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Runs the whole check; throws for nothing but cancellation.</summary>
    /// <param name="options">The section <c>rabbitMq</c>.</param>
    /// <param name="needed">What the role's account must be allowed to do.</param>
    /// <param name="use">Tests what the role does, one <see cref="BrokerTrial"/> after the other.</param>
    /// <param name="clock">Bounds the waits and tells the age of certificates.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    public static async Task<IReadOnlyList<CheckResult>> RunAsync(
        RabbitMqOptions options, BrokerPermissions needed, Func<BrokerTrial, CancellationToken, Task> use, TimeProvider clock, CancellationToken cancellationToken)
    {
        IReadOnlyList<HostAndPort> hosts = BrokerConnection.Hosts(options);
        string?[] problems = await Task.WhenAll(hosts.Select(host => ReachAsync(host, clock, cancellationToken)));
        bool isReached = problems.Any(problem => problem is null);
        List<CheckResult> results = [.. hosts.Zip(problems, (host, problem) => problem is null
            ? new CheckResult($"broker {host}")
            : new CheckResult($"broker {host}", problem, "start RabbitMQ there (systemctl start rabbitmq-server), let its port through, or set rabbitMq.hosts", IsWarning: isReached))];
        if (!isReached)
        {
            return results;
        }

        foreach ((HostAndPort host, _) in hosts.Zip(problems).Where(pair => options.Tls.Enabled && pair.Second is null))
        {
            results.AddRange(await TlsCheck.RunAsync($"broker {host}", host, options.Tls, "rabbitMq.tls", clock, cancellationToken));
        }

        if (results.TrueForAll(result => result.Problem is null || result.IsWarning))
        {
            await UseAsync(options, needed, use, results, clock, cancellationToken);
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

    private static async Task UseAsync(
        RabbitMqOptions options, BrokerPermissions needed, Func<BrokerTrial, CancellationToken, Task> use, List<CheckResult> results, TimeProvider clock, CancellationToken cancellationToken)
    {
        string account = $"account '{options.User}' in virtual host '{options.VirtualHost}'";
        using var timeout = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await using IConnection connection = await BrokerConnection.OpenAsync(options, "glusterbus check", either.Token);
            string version = Version(connection);
            results.Add(new CheckResult($"{account}, RabbitMQ {version}{(options.Tls.Enabled ? ", encrypted" : "")}"));
            results.AddRange(Age(version));
            await use(new BrokerTrial(connection, options, needed, results), either.Token);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Exception failure = e is OperationCanceledException ? new TimeoutException("", e) : e;
            BrokerTrouble trouble = BrokerTrouble.Of(failure, options, needed);
            results.Add(new CheckResult(account, trouble.Problem, trouble.Remedy));
        }
    }

    private static IEnumerable<CheckResult> Age(string text) => !System.Version.TryParse(text.Split('-', '+')[0], out Version? version) || version >= Oldest
        ? []
        : [new CheckResult($"RabbitMQ {text}", "is too old: what it parks could be lost", $"install RabbitMQ {Oldest} or newer")];

    private static string Version(IConnection connection) =>
        connection.ServerProperties is { } properties && properties.TryGetValue("version", out object? value) && value is byte[] version ? Encoding.UTF8.GetString(version) : "of an unknown version";
}
