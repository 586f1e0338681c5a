using GlusterBus.Router.State.Redis.Protocol;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Router.State.Redis;

/// <summary>The way to Redis, whether it is one server, one that Sentinels watch, or a Redis Cluster. Connects at first use and again after a loss; may be
/// shared by everything in the process.</summary>
/// <remarks>No call is repeated after a loss: whether the lost one had its effect is for the caller to find out. Every call ends within
/// <see cref="RedisOptions.Patience"/> of the last byte that moved, connecting included (twice that with Sentinels).</remarks>
public sealed class RedisConnection : IAsyncDisposable
{
    /// <summary>A command may be sent on so often: once to where its slot is, once more while the slot moves, and a margin.</summary>
    private const int MaximumHops = 4;

    private readonly RedisDialer _dialer;
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _gate = new();

    /// <summary>Connections that are open or being opened; who comes meanwhile waits for the same one.</summary>
    private readonly Dictionary<HostAndPort, Task<RespConnection>> _nodes = [];

    /// <summary>Which node of a cluster has the keys of a hash tag, as far as that was learnt.</summary>
    private readonly Dictionary<string, HostAndPort> _homes = new(StringComparer.Ordinal);

    /// <summary>Where the configuration leads: all there is, unless it is a cluster.</summary>
    private Task<RespConnection>? _entrance;

    /// <param name="options">The servers and the account.</param>
    /// <param name="name">Shown by <c>CLIENT LIST</c>: role and node.</param>
    /// <param name="clock">Measures the patience.</param>
    /// <exception cref="ConfigurationException">The password's file can't be read, or one of the certificates' files.</exception>
    public RedisConnection(RedisOptions options, string name, TimeProvider clock)
    {
        // Read at every connection, so that a new password counts; here only so that a wrong path is told at the start.
        SecretText.Read(options.Password, options.PasswordFile, "redis.passwordFile");
        if (options.Tls.Enabled)
        {
            TlsFiles.Validation(options.Tls, "redis.tls");
            TlsFiles.ClientCertificate(options.Tls, "redis.tls")?.Dispose();
        }

        _dialer = new RedisDialer(options, name, clock);
    }

    /// <summary>Asks every server in use for a sign of life; connects when there is none yet. Notices within the patience a server that is frozen or
    /// behind a line that swallows everything.</summary>
    /// <exception cref="StateTableUnreachableException">One does not answer in time.</exception>
    public async ValueTask ProbeAsync(CancellationToken cancellationToken)
    {
        HostAndPort?[] homes;
        lock (_gate)
        {
            homes = _homes.Count == 0 ? [null] : [.. _homes.Values.Distinct()];
        }

        foreach (RespConnection node in await Task.WhenAll(homes.Select(home => NodeAsync(home, cancellationToken))))
        {
            RespValue answer = await ExecuteAsync(node, RespCommand.Of("PING"), isAsking: false, cancellationToken);
            if (answer.IsError)
            {
                throw Refused(node, answer);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        Task<RespConnection>[] opened;
        lock (_gate)
        {
            opened = [.. _nodes.Values, .. _entrance is null ? Array.Empty<Task<RespConnection>>() : [_entrance]];
        }

        foreach (Task<RespConnection> connection in opened)
        {
            await connection.ContinueWith(static done => done.IsCompletedSuccessfully ? done.Result.DisposeAsync().AsTask() : Task.CompletedTask, TaskScheduler.Default).Unwrap();
        }

        _closing.Dispose();
    }

    /// <summary>Sends a command to the server that has the key and returns its answer, which is no error.</summary>
    /// <exception cref="StateTableUnreachableException">No answer came in time, or the server refuses.</exception>
    internal async ValueTask<RespValue> ExecuteAsync(string key, RespCommand command, CancellationToken cancellationToken)
    {
        (RespConnection node, RespValue answer) = await AskAsync(key, command, cancellationToken);
        return answer.IsError ? throw Refused(node, answer) : answer;
    }

    /// <summary>Runs a script on keys that share a hash tag; one that the server does not have is sent in full.</summary>
    /// <exception cref="StateTableUnreachableException">No answer came in time, or the server refuses.</exception>
    internal async ValueTask<RespValue> RunAsync(RedisScript script, IReadOnlyList<string> keys, RespArguments arguments, CancellationToken cancellationToken)
    {
        (RespConnection node, RespValue answer) = await AskAsync(keys[0], script.ByHash(keys, arguments), cancellationToken);
        if (answer.IsErrorOf("NOSCRIPT"))
        {
            (node, answer) = await AskAsync(keys[0], script.ByText(keys, arguments), cancellationToken);
        }

        return answer.IsError ? throw Refused(node, answer) : answer;
    }

    /// <summary>Sends a command to the server that has the key; an error is an answer too.</summary>
    internal async ValueTask<(RespConnection Node, RespValue Answer)> AskAsync(string key, RespCommand command, CancellationToken cancellationToken)
    {
        string tag = TagOf(key);
        HostAndPort? home;
        lock (_gate)
        {
            _homes.TryGetValue(tag, out home);
        }

        bool isAsking = false;
        for (int hop = 1; ; hop++)
        {
            RespConnection node = await NodeAsync(home, cancellationToken);
            RespValue answer = await ExecuteAsync(node, command, isAsking, cancellationToken);
            if (hop == MaximumHops || Redirection.TryParse(answer, node.Address) is not { } moved)
            {
                return (node, answer);
            }

            (home, isAsking) = (moved.Node, moved.IsAsk);
            if (!isAsking)
            {
                lock (_gate)
                {
                    _homes[tag] = home;
                }
            }
        }
    }

    private static string TagOf(string key) =>
        key.IndexOf('{', StringComparison.Ordinal) is var open and >= 0 && key.IndexOf('}', open) is var close && close > open + 1 ? key[(open + 1)..close] : key;

    private async Task<RespValue> ExecuteAsync(RespConnection node, RespCommand command, bool isAsking, CancellationToken cancellationToken)
    {
        try
        {
            return await node.ExecuteAsync(command, isAsking, cancellationToken);
        }
        catch (Exception e)
        {
            if (!node.IsOpen)
            {
                await ForgetAsync(node);
            }

            throw RedisDialer.Unreachable(node.Address, e, cancellationToken);
        }
    }

    private StateTableUnreachableException Refused(RespConnection node, RespValue answer)
    {
        // A master that was made a replica: only by asking again is its successor found.
        if (answer.IsErrorOf("READONLY"))
        {
            _ = ForgetAsync(node);
        }

        return _dialer.Refused(node.Address, answer);
    }

    /// <param name="address">A node of the cluster; null for wherever the configuration leads.</param>
    /// <param name="cancellationToken">Ends the wait, not the attempt, which others may wait for too.</param>
    private async Task<RespConnection> NodeAsync(HostAndPort? address, CancellationToken cancellationToken)
    {
        Task<RespConnection>? opening;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
            opening = address is null ? _entrance : _nodes.GetValueOrDefault(address);
            if (opening is null or { IsFaulted: true } or { IsCanceled: true } || (opening.IsCompletedSuccessfully && !opening.Result.IsOpen))
            {
                opening = address is null ? _dialer.DialAsync(_closing.Token) : _dialer.DialAsync(address, _closing.Token);
                if (address is null)
                {
                    _entrance = opening;
                }
                else
                {
                    _nodes[address] = opening;
                }
            }
        }

        try
        {
            return await opening.WaitAsync(cancellationToken);
        }
        catch (StateTableUnreachableException) when (address is not null)
        {
            Forget(address);
            throw;
        }
    }

    private async Task ForgetAsync(RespConnection node)
    {
        Forget(node.Address);
        await node.DisposeAsync();
    }

    /// <summary>Lets the keys of a lost node be looked for anew: their slots may have a new master.</summary>
    private void Forget(HostAndPort address)
    {
        lock (_gate)
        {
            foreach (string tag in _homes.Where(home => home.Value == address).Select(home => home.Key).ToArray())
            {
                _homes.Remove(tag);
            }
        }
    }
}
