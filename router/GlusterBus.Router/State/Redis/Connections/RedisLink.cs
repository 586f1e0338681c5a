using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using GlusterBus.Runtime.Configuration;
using StackExchange.Redis;

namespace GlusterBus.Router.State.Redis.Connections;

/// <summary>What the library keeps open: to one server, or to every node of a cluster. It follows slots that move and masters that are replaced, signs in and
/// encrypts. Once a call failed, the link takes no others: a fresh one finds out what is true now, and waits for no connection that swallows everything.</summary>
internal sealed class RedisLink
{
    /// <summary>What the library must not use. It would only learn whether a server is a replica, which the server itself says as soon as it is told to change
    /// something, in words that an operator understands; and hear of changes, which is of use only to one that does not ask anew.</summary>
    private static readonly HashSet<string> Unused =
        ["INFO", "HELLO", "SET", "GET", "CONFIG", "ECHO", "SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE", "PUBLISH", "SLAVEOF"];

    private readonly ConnectionMultiplexer _multiplexer;
    private readonly IDatabase _database;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _clock;

    /// <summary>A key of each slot in use, which leads to the nodes that matter here. Of a single server all keys have slot -1.</summary>
    private readonly ConcurrentDictionary<int, RedisKey> _keys = [];
    private readonly string _hosts;
    private int _isLost;

    private RedisLink(string hosts, ConnectionMultiplexer multiplexer, RedisOptions options, TimeProvider clock)
    {
        (_hosts, _multiplexer, _patience, _clock) = (hosts, multiplexer, options.Patience, clock);
        _database = multiplexer.GetDatabase(options.Database);
        multiplexer.ConnectionFailed += (_, _) =>
        {
            // The library would come back to the same server by itself, which may be a master no more; of a cluster it asks who took over.
            if (_multiplexer.GetEndPoints().Length == 1)
            {
                Abandon();
            }
        };
    }

    public bool IsOpen => _isLost == 0 && _multiplexer.IsConnected;

    /// <summary>Connects to the hosts and to the nodes that they name, encrypts and signs in.</summary>
    /// <param name="hosts">A server, or nodes of one cluster.</param>
    /// <param name="options">The account and the encryption.</param>
    /// <param name="password">The password; null for none.</param>
    /// <param name="name">Shown by <c>CLIENT LIST</c>.</param>
    /// <param name="patience">How long it may take. Also how long it does take when a node of a cluster is silent.</param>
    /// <param name="clock">Measures the patience.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">It took longer than the patience.</exception>
    /// <exception cref="RedisRefusedException">The server does not let us in, or the certificates do not suit.</exception>
    public static async Task<RedisLink> OpenAsync(
        IReadOnlyList<HostAndPort> hosts, RedisOptions options, string? password, string name, TimeSpan patience, TimeProvider clock, CancellationToken cancellationToken)
    {
        var log = new StringWriter();
        long began = clock.GetTimestamp();
        Task<ConnectionMultiplexer> connecting = ConnectionMultiplexer.ConnectAsync(Configure(hosts, options, password, name, patience), log);
        try
        {
            // The library ends by itself after the patience; twice as much only so that nobody waits for ever should it not.
            return new RedisLink(string.Join(", ", hosts), await connecting.WaitAsync(patience * 2, clock, cancellationToken), options, clock);
        }
        catch (Exception e) when (e is OperationCanceledException or TimeoutException)
        {
            _ = connecting.ContinueWith(static late => late.Result.CloseAsync(false), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            cancellationToken.ThrowIfCancellationRequested();
            throw new TimeoutException($"no connection within {Text(patience)}", e);
        }
        catch (RedisConnectionException e)
        {
            TimeSpan? waited = clock.GetElapsedTime(began) >= patience * 0.9 ? patience : null;
            throw await RedisDiagnosis.ExplainAsync(hosts[0], options, $"{e}\n{log}", e, waited, cancellationToken);
        }
    }

    /// <summary>Sends a command to the master that has its keys and waits for the answer.</summary>
    /// <param name="command">The command.</param>
    /// <param name="cancellationToken">Ends the wait; the command may have its effect all the same.</param>
    /// <exception cref="TimeoutException">No answer came within the patience.</exception>
    /// <exception cref="RedisRefusedException">The connection is lost.</exception>
    public Task<RedisAnswer> ExecuteAsync(RedisCommand command, CancellationToken cancellationToken)
    {
        if (KeyOf(command) is { } key)
        {
            _keys.TryAdd(_multiplexer.HashSlot(key), key);
        }

        // A replica may lag behind: what it says must never be taken for the state.
        return AnswerAsync(() => _database.ExecuteAsync(command.Name, command.Arguments, CommandFlags.DemandMaster), cancellationToken);
    }

    /// <summary>Asks every node in use for a sign of life.</summary>
    /// <exception cref="TimeoutException">One does not answer within the patience.</exception>
    /// <exception cref="RedisRefusedException">A connection is lost.</exception>
    public async Task<IReadOnlyList<RedisAnswer>> PingAsync(CancellationToken cancellationToken)
    {
        RedisKey[] keys = _keys.IsEmpty ? [default] : [.. _keys.Values];
        IEnumerable<IServer> servers = keys.Select(key => _multiplexer.GetServer(key)).DistinctBy(server => server.EndPoint);
        return await Task.WhenAll(servers.Select(server => AnswerAsync(() => server.ExecuteAsync("PING"), cancellationToken)));
    }

    /// <summary>Which server a command goes to, for messages.</summary>
    public string AddressOf(RedisCommand command)
    {
        try
        {
            return _multiplexer.GetEndPoints().Length > 1 && KeyOf(command) is { } key ? _multiplexer.GetServer(key).EndPoint.ToString() ?? _hosts : _hosts;
        }
        catch (InvalidOperationException)
        {
            // No node that has the key is connected.
            return _hosts;
        }
    }

    /// <summary>Takes no more calls, and closes when those that are under way had their time: they may be at a node that is well.</summary>
    public void Abandon()
    {
        if (Interlocked.Exchange(ref _isLost, 1) == 0)
        {
            _ = Task.Delay(_patience, _clock).ContinueWith(_ => CloseAsync(), TaskScheduler.Default);
        }
    }

    /// <summary>Closes at once.</summary>
    public Task CloseAsync()
    {
        Interlocked.Exchange(ref _isLost, 1);
        return _multiplexer.CloseAsync(allowCommandsToComplete: false);
    }

    public static string Text(TimeSpan time) => $"{time.TotalSeconds:0.###} s";

    private static RedisKey? KeyOf(RedisCommand command) => command.Arguments.OfType<RedisKey>().Select(key => (RedisKey?)key).FirstOrDefault();

    private async Task<RedisAnswer> AnswerAsync(Func<Task<RedisResult>> send, CancellationToken cancellationToken)
    {
        try
        {
            return new RedisAnswer(await send().WaitAsync(_patience, _clock, cancellationToken));
        }
        catch (RedisServerException e)
        {
            return new RedisAnswer(e.Message);
        }
        catch (TimeoutException e)
        {
            Abandon();
            throw new TimeoutException($"no answer within {Text(_patience)}", e);
        }
        catch (Exception e) when (e is RedisConnectionException or ObjectDisposedException or InvalidOperationException)
        {
            Abandon();
            throw new RedisRefusedException(RedisRefusedException.Lost, "the connection is lost", e);
        }
    }

    private static ConfigurationOptions Configure(IReadOnlyList<HostAndPort> hosts, RedisOptions options, string? password, string name, TimeSpan patience)
    {
        var configuration = new ConfigurationOptions
        {
            ClientName = name,
            User = options.User,
            Password = password,
            AbortOnConnectFail = true,

            // For the one CLUSTER NODES of RedisCheck. What may be done is the server's business.
            AllowAdmin = true,
            ConnectRetry = 1,
            ConnectTimeout = (int)patience.TotalMilliseconds,

            // The patience rules; the library's own limit, which it looks at once a second, only must not come first.
            AsyncTimeout = (int)(options.Patience.TotalMilliseconds * 4),
            KeepAlive = 60,

            // Whether a command that waits for a connection would still be right when there is one, only its sender knows.
            BacklogPolicy = BacklogPolicy.FailFast,
            Protocol = RedisProtocol.Resp2,
            SetClientLibrary = false,
            TieBreaker = "",
            ConfigurationChannel = "",
            CommandMap = CommandMap.Create(Unused, available: false),
        };
        foreach (HostAndPort host in hosts)
        {
            configuration.EndPoints.Add(host.Host, host.Port);
        }

        if (options.Tls.Enabled)
        {
            RemoteCertificateValidationCallback validation = TlsFiles.Validation(options.Tls, "redis.tls");
            X509Certificate2? certificate = TlsFiles.ClientCertificate(options.Tls, "redis.tls");
            configuration.Ssl = true;
            configuration.SslHost = options.Tls.ServerName;
            configuration.CertificateValidation += validation;
            if (certificate is not null)
            {
                configuration.CertificateSelection += (_, _, _, _, _) => certificate;
            }
        }

        return configuration;
    }
}
