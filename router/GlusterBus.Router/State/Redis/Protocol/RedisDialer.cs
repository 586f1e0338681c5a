using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Router.State.Redis.Protocol;

/// <summary>Opens connections as the configuration says: encrypted, signed in, on the right database.</summary>
internal sealed class RedisDialer(RedisOptions options, string name, TimeProvider clock)
{
    public const int Port = 6379;

    public const int SentinelPort = 26379;

    private readonly string _name = new([.. name.Select(c => c is > ' ' and <= '~' ? c : '-')]);

    /// <summary>Leads to the server, to any node of the cluster, or to the master that the Sentinels name; whichever host answers first.</summary>
    /// <exception cref="StateTableUnreachableException">None does within the patience (twice the patience with Sentinels).</exception>
    public async Task<RespConnection> DialAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<HostAndPort> hosts = Hosts(options.SentinelMaster is null ? Port : SentinelPort);
        if (options.SentinelMaster is not { } master)
        {
            return await FirstAsync(hosts, host => DialAsync(host, cancellationToken), DisposeAsync);
        }

        HostAndPort address = await FirstAsync(hosts, host => AskSentinelAsync(host, master, cancellationToken), static _ => ValueTask.CompletedTask);
        return await DialAsync(address, cancellationToken);
    }

    /// <summary>Opens a connection to one server and signs in.</summary>
    /// <exception cref="StateTableUnreachableException">It can't be reached or does not take the account.</exception>
    public async Task<RespConnection> DialAsync(HostAndPort address, CancellationToken cancellationToken)
    {
        RespConnection connection = await ConnectAsync(address, cancellationToken);
        try
        {
            await SignInAsync(connection, isSentinel: false, cancellationToken);
            return connection;
        }
        catch (Exception e)
        {
            await connection.DisposeAsync();
            throw Unreachable(address, e, cancellationToken);
        }
    }

    /// <summary>Says in one line what happened, without a secret.</summary>
    public static Exception Unreachable(HostAndPort address, Exception e, CancellationToken cancellationToken) => e switch
    {
        StateTableUnreachableException => e,
        OperationCanceledException when cancellationToken.IsCancellationRequested => e,
        AuthenticationException => new StateTableUnreachableException($"Redis at {address}: the encrypted connection failed: {Deepest(e)}", e),
        ConfigurationException => new StateTableUnreachableException($"Redis at {address}: {e.Message}", e),
        TimeoutException or IOException or SocketException or InvalidDataException => new StateTableUnreachableException($"Redis at {address}: {Deepest(e)}", e),
        _ => new StateTableUnreachableException($"Redis at {address}: {e.Message}", e),
    };

    /// <summary>An error that the server answered, as an exception.</summary>
    public StateTableUnreachableException Refused(HostAndPort address, RespValue error)
    {
        string account = options.User ?? "default";
        string? password = Password();

        // No error of Redis repeats a password; should one do so, it stops here.
        string text = string.IsNullOrEmpty(password) ? error.Text : error.Text.Replace(password, "…", StringComparison.Ordinal);
        string code = text.Split(' ')[0];
        string explained = code switch
        {
            "WRONGPASS" => $"it does not take the password of the user '{account}' (redis.user, redis.passwordFile)",
            "NOAUTH" => "it wants a password (redis.user, redis.passwordFile)",
            "NOPERM" => $"the user '{account}' may not do what is needed: {text}",
            "READONLY" => "it is a replica and takes no changes",
            _ => "it refused: " + text,
        };
        return new StateTableUnreachableException($"Redis at {address}: {explained}", new RedisRefusedException(code, text));
    }

    private static string Deepest(Exception e) => e.GetBaseException().Message.TrimEnd('.').ReplaceLineEndings(" ");

    private static ValueTask DisposeAsync(RespConnection connection) => connection.DisposeAsync();

    private IReadOnlyList<HostAndPort> Hosts(int port) => [.. options.Hosts.Select(host => HostAndPort.TryParse(host, port)!)];

    private string? Password() => SecretText.Read(options.Password, options.PasswordFile, "redis.passwordFile");

    private async Task<RespConnection> ConnectAsync(HostAndPort address, CancellationToken cancellationToken)
    {
        try
        {
            return await RespConnection.OpenAsync(address, options.Tls, options.Patience, clock, cancellationToken);
        }
        catch (Exception e)
        {
            throw Unreachable(address, e, cancellationToken);
        }
    }

    private async Task SignInAsync(RespConnection connection, bool isSentinel, CancellationToken cancellationToken)
    {
        if (Password() is var password && (password ?? options.User) is not null)
        {
            RespCommand sign = options.User is { } user ? RespCommand.Of("AUTH", user, password ?? "") : RespCommand.Of("AUTH", password!);
            await DemandAsync(connection, sign, cancellationToken);
        }

        if (options.Database != 0 && !isSentinel)
        {
            await DemandAsync(connection, RespCommand.Of("SELECT", options.Database.ToString(CultureInfo.InvariantCulture)), cancellationToken);
        }

        // For CLIENT LIST alone: an account that may not do it works as well. What it answers does show whether the server lets us in at all.
        RespValue named = await connection.ExecuteAsync(RespCommand.Of("CLIENT", "SETNAME", _name), isAsking: false, cancellationToken);
        if (named.IsErrorOf("NOAUTH"))
        {
            throw Refused(connection.Address, named);
        }
    }

    private async Task DemandAsync(RespConnection connection, RespCommand command, CancellationToken cancellationToken)
    {
        RespValue answer = await connection.ExecuteAsync(command, isAsking: false, cancellationToken);
        if (answer.IsError)
        {
            throw Refused(connection.Address, answer);
        }
    }

    private async Task<HostAndPort> AskSentinelAsync(HostAndPort sentinel, string master, CancellationToken cancellationToken)
    {
        await using RespConnection connection = await ConnectAsync(sentinel, cancellationToken);
        try
        {
            RespCommand ask = RespCommand.Of("SENTINEL", "GET-MASTER-ADDR-BY-NAME", master);
            RespValue answer = await connection.ExecuteAsync(ask, isAsking: false, cancellationToken);
            if (answer.IsErrorOf("NOAUTH"))
            {
                // Only then: Sentinels mostly have no accounts, and one without refuses any sign-in.
                await SignInAsync(connection, isSentinel: true, cancellationToken);
                answer = await connection.ExecuteAsync(ask, isAsking: false, cancellationToken);
            }

            return answer.IsError ? throw Refused(sentinel, answer)
                : answer.Items.Count < 2 ? throw new StateTableUnreachableException($"the Sentinel at {sentinel} knows no master '{master}' (redis.sentinelMaster)")
                : new HostAndPort(answer.Items[0].Text, (int)answer.Items[1].Integer);
        }
        catch (Exception e)
        {
            throw Unreachable(sentinel, e, cancellationToken);
        }
    }

    /// <summary>Tries all hosts at once, so that a dead one costs no time; takes the first that works and lets go of the others.</summary>
    private static async Task<T> FirstAsync<T>(IReadOnlyList<HostAndPort> hosts, Func<HostAndPort, Task<T>> open, Func<T, ValueTask> release)
    {
        List<Task<T>> attempts = [.. hosts.Select(open)];
        Task<T>? failed = null;
        while (attempts.Count > 0)
        {
            Task<T> attempt = await Task.WhenAny(attempts);
            attempts.Remove(attempt);
            if (attempt.IsCompletedSuccessfully)
            {
                foreach (Task<T> late in attempts)
                {
                    _ = late.ContinueWith(async done => await release(await done), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
                }

                return await attempt;
            }

            failed ??= attempt;
        }

        return await failed!;
    }
}
