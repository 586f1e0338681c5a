using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using GlusterBus.Runtime.Configuration;
using StackExchange.Redis;

namespace GlusterBus.Router.State.Redis.Connections;

/// <summary>One connection to one server. A connection that failed stays failed, although the library would bring it back by itself: what it brings back
/// has forgotten who it is signed in as.</summary>
internal sealed class RedisNode : IAsyncDisposable
{
    /// <summary>What the library must not use: it would ask each server for its topology, which <see cref="RedisConnection"/> learns by being sent on.
    /// CLUSTER may only be left out together with INFO. Version 1.2.6 counts on an answer to a CLUSTER that it did not send, and from then on gives every
    /// command the answer to another one.</summary>
    private static readonly HashSet<string> Unused = ["INFO", "CLUSTER", "CONFIG", "ECHO", "SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE", "PUBLISH", "SLAVEOF"];

    private readonly ConnectionMultiplexer _multiplexer;
    private readonly IDatabase _database;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _clock;
    private volatile bool _isLost;

    private RedisNode(HostAndPort address, ConnectionMultiplexer multiplexer, RedisOptions options, TimeProvider clock)
    {
        (Address, _multiplexer, _patience, _clock) = (address, multiplexer, options.Patience, clock);
        _multiplexer.PreserveAsyncOrder = false;
        _multiplexer.ConnectionFailed += (_, _) => _isLost = true;
        _database = multiplexer.GetDatabase(options.Database);
    }

    public HostAndPort Address { get; }

    public bool IsOpen => !_isLost && _multiplexer.IsConnected;

    /// <summary>Connects and encrypts; signs in with the password where there is no user.</summary>
    /// <exception cref="SocketException">There is no way there.</exception>
    /// <exception cref="TimeoutException">It took longer than the patience.</exception>
    /// <exception cref="RedisRefusedException">The server does not let us in, or the certificates do not suit.</exception>
    public static async Task<RedisNode> OpenAsync(HostAndPort address, RedisOptions options, string? password, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        Task<ConnectionMultiplexer>? connecting = null;
        var log = new StringWriter();
        try
        {
            EndPoint endPoint = await FindAsync(address, either.Token);
            connecting = ConnectionMultiplexer.ConnectAsync(Configure(endPoint, address, options, password), log);
            return new RedisNode(address, await connecting.WaitAsync(either.Token), options, clock);
        }
        catch (OperationCanceledException e)
        {
            _ = connecting?.ContinueWith(static late => late.Result.Close(false), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            cancellationToken.ThrowIfCancellationRequested();
            throw new TimeoutException($"no connection within {Text(options.Patience)}", e);
        }
        catch (RedisConnectionException e)
        {
            // The library's exception says only that it failed; why is in its log.
            throw Explain($"{e}\n{log}", options, e);
        }
    }

    /// <summary>Sends a command and waits for its answer.</summary>
    /// <param name="command">The command.</param>
    /// <param name="cancellationToken">Ends the wait; the command may have its effect all the same.</param>
    /// <exception cref="TimeoutException">No answer came within the patience.</exception>
    /// <exception cref="RedisRefusedException">The connection is lost.</exception>
    public async Task<RedisAnswer> ExecuteAsync(RedisCommand command, CancellationToken cancellationToken)
    {
        try
        {
            Task<RedisResult> answer = _database.ExecuteAsync(command.Name, [.. command.Arguments], CommandFlags.NoRedirect);
            return new RedisAnswer(await answer.WaitAsync(_patience, _clock, cancellationToken));
        }
        catch (RedisServerException e)
        {
            return new RedisAnswer(e.Message);
        }
        catch (TimeoutException e)
        {
            // The late answer must find nobody, and who comes next a fresh connection.
            _isLost = true;
            throw new TimeoutException($"no answer within {Text(_patience)}", e);
        }
        catch (Exception e) when (e is RedisConnectionException or ObjectDisposedException)
        {
            _isLost = true;
            throw new RedisRefusedException(RedisRefusedException.Lost, "the connection is lost", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _isLost = true;
        await Task.Run(() => _multiplexer.Close(allowCommandsToComplete: false));
    }

    /// <summary>The library's texts are long and say little; what matters is in a word of them.</summary>
    private static RedisRefusedException Explain(string text, RedisOptions options, Exception e)
    {
        (string code, string message) = Has("DENIED") ? ("DENIED", "it is in protected mode and takes only clients of its own machine")
            : Has("NOPERM") ? (RedisRefusedException.DefaultUser, "its default user may not PING, which comes before signing in as another user")
            : Has("NOAUTH") && options.User is not null ? (RedisRefusedException.DefaultUser, "its default user is off or has a password, but must be able to PING before another user can sign in")
            : Has("NOAUTH") || Has("WRONGPASS") || (Has("AuthenticationFailure") && !options.Tls.Enabled) ? ("WRONGPASS", "it wants a password, or another one (redis.user, redis.passwordFile)")
            : options.Tls.Enabled ? (RedisRefusedException.Encryption, "the encrypted connection failed (redis.tls)")
            : (RedisRefusedException.Protocol, "it takes connections, but does not answer as Redis does");
        return new RedisRefusedException(code, message, e);

        bool Has(string word) => text.Contains(word, StringComparison.Ordinal);
    }

    private static string Text(TimeSpan time) => $"{time.TotalSeconds:0.###} s";

    /// <summary>The first address of the host that takes a connection. Tried before the library does: it takes only IPv4 for a name, and does not say
    /// why it can't connect.</summary>
    private static async Task<EndPoint> FindAsync(HostAndPort address, CancellationToken cancellationToken)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(address.Host, address.Port, cancellationToken);
        var remote = (IPEndPoint)socket.RemoteEndPoint!;
        return remote.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(remote.Address.MapToIPv4(), remote.Port) : remote;
    }

    private static ConfigurationOptions Configure(EndPoint endPoint, HostAndPort address, RedisOptions options, string? password)
    {
        var configuration = new ConfigurationOptions
        {
            AbortOnConnectFail = true,
            ConnectRetry = 1,

            // Shorter than the patience, so that the library says itself what went wrong.
            ConnectTimeout = (int)(options.Patience.TotalMilliseconds * 0.8),

            // The patience rules; the library's own limit, which it looks at once a second, only must not come first.
            SyncTimeout = (int)(options.Patience.TotalMilliseconds * 4),
            KeepAlive = 60,
            TieBreaker = "",
            ConfigurationChannel = "",
            DefaultVersion = new Version(5, 0),
            CommandMap = CommandMap.Create(Unused, available: false),
            EndPoints = { endPoint },
        };
        if (options.User is null && !string.IsNullOrEmpty(password))
        {
            configuration.Password = password;
        }

        if (options.Tls.Enabled)
        {
            RemoteCertificateValidationCallback validation = TlsFiles.Validation(options.Tls, "redis.tls");
            X509Certificate2? certificate = TlsFiles.ClientCertificate(options.Tls, "redis.tls");
            configuration.Ssl = true;
            configuration.SslHost = options.Tls.ServerName ?? address.Host;
            configuration.CertificateValidation += validation;
            if (certificate is not null)
            {
                configuration.CertificateSelection += (_, _, _, _, _) => certificate;
            }
        }

        return configuration;
    }
}
