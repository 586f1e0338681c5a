using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Router.State.Redis.Connections;

/// <summary>Opens connections as the configuration says: encrypted, signed in, on the right database.</summary>
internal sealed class RedisDialer(RedisOptions options, string name, TimeProvider clock)
{
    public const int Port = 6379;

    public const int SentinelPort = 26379;

    private readonly string _name = new([.. name.Select(c => c is > ' ' and <= '~' ? c : '-')]);

    /// <summary>Leads to the server, to any node of the cluster, or to the master that the Sentinels name; whichever host answers first.</summary>
    /// <exception cref="StateTableUnreachableException">None does within the patience (twice the patience with Sentinels).</exception>
    public async Task<RedisNode> DialAsync(CancellationToken cancellationToken)
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
    public async Task<RedisNode> DialAsync(HostAndPort address, CancellationToken cancellationToken)
    {
        RedisNode connection = await ConnectAsync(address, options, cancellationToken);
        try
        {
            await SignInAsync(connection, cancellationToken);
            return connection;
        }
        catch (Exception e)
        {
            await connection.DisposeAsync();
            throw Unreachable(address, e, cancellationToken);
        }
    }

    public bool HasUser => options.User is not null;

    /// <summary>Says in one line what happened, without a secret.</summary>
    public static Exception Unreachable(HostAndPort address, Exception e, CancellationToken cancellationToken) => e switch
    {
        StateTableUnreachableException => e,
        OperationCanceledException when cancellationToken.IsCancellationRequested => e,
        TimeoutException or RedisRefusedException => new StateTableUnreachableException($"Redis at {address}: {e.Message}", e),
        _ => new StateTableUnreachableException($"Redis at {address}: {Deepest(e)}", e),
    };

    /// <summary>An error that the server answered, as an exception.</summary>
    public StateTableUnreachableException Refused(HostAndPort address, RedisAnswer error)
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

    private static ValueTask DisposeAsync(RedisNode connection) => connection.DisposeAsync();

    private IReadOnlyList<HostAndPort> Hosts(int port) => [.. options.Hosts.Select(host => HostAndPort.TryParse(host, port)!)];

    private string? Password() => SecretText.Read(options.Password, options.PasswordFile, "redis.passwordFile");

    private async Task<RedisNode> ConnectAsync(HostAndPort address, RedisOptions account, CancellationToken cancellationToken)
    {
        try
        {
            return await RedisNode.OpenAsync(address, account, account == options ? Password() : null, clock, cancellationToken);
        }
        catch (Exception e)
        {
            throw Unreachable(address, e, cancellationToken);
        }
    }

    /// <summary>The library's version knows no users: as one signs in only on an open connection, which until then is the default user's.</summary>
    private async Task SignInAsync(RedisNode connection, CancellationToken cancellationToken)
    {
        if (options.User is { } user)
        {
            await DemandAsync(connection, RedisCommand.Of("AUTH", user, Password() ?? ""), cancellationToken);
        }

        // For CLIENT LIST alone: an account that may not do it works as well.
        await connection.ExecuteAsync(RedisCommand.Of("CLIENT", "SETNAME", _name), cancellationToken);
    }

    private async Task DemandAsync(RedisNode connection, RedisCommand command, CancellationToken cancellationToken)
    {
        RedisAnswer answer = await connection.ExecuteAsync(command, cancellationToken);
        if (answer.IsError)
        {
            throw Refused(connection.Address, answer);
        }
    }

    private async Task<HostAndPort> AskSentinelAsync(HostAndPort sentinel, string master, CancellationToken cancellationToken)
    {
        // Sentinels mostly have no accounts, and one without refuses any sign-in: the account is tried where they want one.
        RedisOptions anonymous = options with { User = null, Password = null, PasswordFile = null, Database = 0 };
        RedisNode connection;
        try
        {
            connection = await ConnectAsync(sentinel, anonymous, cancellationToken);
        }
        catch (StateTableUnreachableException e) when (e.InnerException is RedisRefusedException { Code: "WRONGPASS" } && Password() is not null)
        {
            connection = await DialAsync(sentinel, cancellationToken);
        }

        await using (connection)
        {
            try
            {
                RedisAnswer answer = await connection.ExecuteAsync(RedisCommand.Of("SENTINEL", "GET-MASTER-ADDR-BY-NAME", master), cancellationToken);
                return answer.IsError ? throw Refused(sentinel, answer)
                    : answer.Items.Count < 2 ? throw new StateTableUnreachableException($"the Sentinel at {sentinel} knows no master '{master}' (redis.sentinelMaster)")
                    : new HostAndPort(answer.Items[0].Text, (int)answer.Items[1].Integer);
            }
            catch (Exception e)
            {
                throw Unreachable(sentinel, e, cancellationToken);
            }
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
