using GlusterBus.Router.State.Redis.Connections;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Router.State.Redis;

/// <summary>The way to Redis, whether it is one server, one that Sentinels watch, or a Redis Cluster. Connects at first use and again after a loss; may be
/// shared by everything in the process.</summary>
/// <remarks>No call is repeated after a loss: whether the lost one had its effect is for the caller to find out. Every call has an answer within
/// <see cref="RedisOptions.Patience"/>, or fails; one that must connect first may take that long for it once more, and again to ask the Sentinels. The first
/// connection has <see cref="RedisOptions.StartPatience"/>.</remarks>
public sealed class RedisConnection : IAsyncDisposable
{
    private readonly RedisDialer _dialer;
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _gate = new();

    /// <summary>Open or being opened; who comes meanwhile waits for the same one.</summary>
    private Task<RedisLink>? _link;

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
        RedisCommand ping = RedisCommand.Keyless("PING");
        RedisLink link = await LinkAsync(cancellationToken);
        foreach (RedisAnswer answer in await TryAsync(link, ping, link.PingAsync(cancellationToken), cancellationToken))
        {
            Demand(link, ping, answer);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        Task<RedisLink>? link;
        lock (_gate)
        {
            link = _link;
        }

        if (link is not null)
        {
            await link.ContinueWith(static done => done.IsCompletedSuccessfully ? done.Result.CloseAsync() : Task.CompletedTask, TaskScheduler.Default).Unwrap();
        }

        _closing.Dispose();
    }

    /// <summary>Sends a command to the server that has its key and returns its answer, which is no error.</summary>
    /// <exception cref="StateTableUnreachableException">No answer came in time, or the server refuses.</exception>
    internal async ValueTask<RedisAnswer> ExecuteAsync(RedisCommand command, CancellationToken cancellationToken)
    {
        RedisLink link = await LinkAsync(cancellationToken);
        return Demand(link, command, await TryAsync(link, command, link.ExecuteAsync(command, cancellationToken), cancellationToken));
    }

    /// <summary>Runs a script on keys that share a hash tag; one that the server does not have is sent in full.</summary>
    /// <exception cref="StateTableUnreachableException">No answer came in time, or the server refuses.</exception>
    internal async ValueTask<RedisAnswer> RunAsync(RedisScript script, IReadOnlyList<string> keys, RedisArguments arguments, CancellationToken cancellationToken)
    {
        RedisCommand command = script.ByHash(keys, arguments);
        RedisLink link = await LinkAsync(cancellationToken);
        RedisAnswer answer = await TryAsync(link, command, link.ExecuteAsync(command, cancellationToken), cancellationToken);
        return answer.IsErrorOf("NOSCRIPT") ? await ExecuteAsync(script.ByText(keys, arguments), cancellationToken) : Demand(link, command, answer);
    }

    /// <summary>Sends a command to the server that has its key; an error is an answer too.</summary>
    /// <exception cref="StateTableUnreachableException">No answer came in time.</exception>
    internal async ValueTask<RedisAnswer> AskAsync(RedisCommand command, CancellationToken cancellationToken)
    {
        RedisLink link = await LinkAsync(cancellationToken);
        return await TryAsync(link, command, link.ExecuteAsync(command, cancellationToken), cancellationToken);
    }

    private static async Task<T> TryAsync<T>(RedisLink link, RedisCommand command, Task<T> answer, CancellationToken cancellationToken)
    {
        try
        {
            return await answer;
        }
        catch (Exception e)
        {
            throw RedisDialer.Unreachable(link.AddressOf(command), e, cancellationToken);
        }
    }

    private RedisAnswer Demand(RedisLink link, RedisCommand command, RedisAnswer answer)
    {
        if (!answer.IsError)
        {
            return answer;
        }

        // A master that was made a replica, or an account that was changed: only by asking again is the successor found, or the reason told.
        if (answer.IsErrorOf("READONLY") || answer.IsErrorOf("NOPERM") || answer.IsErrorOf("NOAUTH"))
        {
            link.Abandon();
        }

        throw _dialer.Refused(link.AddressOf(command), answer);
    }

    /// <param name="cancellationToken">Ends the wait, not the attempt, which others may wait for too.</param>
    private Task<RedisLink> LinkAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
            if (_link is { IsCompletedSuccessfully: true, Result: { IsOpen: false } lost })
            {
                lost.Abandon();
                _link = null;
            }

            if (_link is null or { IsFaulted: true } or { IsCanceled: true })
            {
                _link = _dialer.DialAsync(_closing.Token);
            }

            return _link.WaitAsync(cancellationToken);
        }
    }
}
