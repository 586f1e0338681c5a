using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Router.State.Redis.Connections;

/// <summary>Opens links as the configuration says: encrypted, signed in, at the master that the Sentinels name.</summary>
internal sealed class RedisDialer(RedisOptions options, string name, TimeProvider clock)
{
    public const int Port = 6379;

    public const int SentinelPort = 26379;

    private readonly string _name = new([.. name.Select(c => c is > ' ' and <= '~' ? c : '-')]);
    private volatile bool _hasConnected;

    /// <summary>How long a connection may take now: the first one takes its time, and nobody waits for it yet.</summary>
    private TimeSpan Patience => _hasConnected || options.StartPatience < options.Patience ? options.Patience : options.StartPatience;

    /// <summary>Leads to the server, to the nodes of the cluster, or to the master that the Sentinels name.</summary>
    /// <exception cref="StateTableUnreachableException">None answers within the patience (twice the patience with Sentinels).</exception>
    public async Task<RedisLink> DialAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<HostAndPort> hosts = [.. options.Hosts.Select(host => HostAndPort.TryParse(host, options.SentinelMaster is null ? Port : SentinelPort)!)];
        if (options.SentinelMaster is { } master)
        {
            hosts = [await FirstAsync(hosts, host => AskSentinelAsync(host, master, cancellationToken))];
        }

        RedisLink link = await SignInAsync(hosts, cancellationToken);
        _hasConnected = true;
        return link;
    }

    /// <summary>Says in one line what happened, without a secret.</summary>
    public static Exception Unreachable(string address, Exception e, CancellationToken cancellationToken) => e switch
    {
        StateTableUnreachableException => e,
        OperationCanceledException when cancellationToken.IsCancellationRequested => e,
        TimeoutException or RedisRefusedException => new StateTableUnreachableException($"Redis at {address}: {e.Message}", e),
        _ => new StateTableUnreachableException($"Redis at {address}: {Deepest(e)}", e),
    };

    /// <summary>An error that the server answered, as an exception.</summary>
    public StateTableUnreachableException Refused(string address, RedisAnswer error)
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

    private string? Password() => SecretText.Read(options.Password, options.PasswordFile, "redis.passwordFile");

    private async Task<RedisLink> OpenAsync(IReadOnlyList<HostAndPort> hosts, RedisOptions account, CancellationToken cancellationToken)
    {
        try
        {
            await FirstAsync(hosts, async host =>
            {
                await RedisDiagnosis.ReachAsync(host, Patience, clock, cancellationToken);
                return host;
            });
            return await RedisLink.OpenAsync(hosts, account, account == options ? Password() : null, _name, Patience, clock, cancellationToken);
        }
        catch (Exception e)
        {
            throw Unreachable(string.Join(", ", hosts), e, cancellationToken);
        }
    }

    private async Task<RedisLink> SignInAsync(IReadOnlyList<HostAndPort> hosts, CancellationToken cancellationToken)
    {
        RedisLink link = await OpenAsync(hosts, options, cancellationToken);
        if (options.User is not { } user)
        {
            return link;
        }

        // The library takes a refused account for a lesser evil and goes on as the default user, where that one needs no password.
        RedisCommand signIn = RedisCommand.Keyless("AUTH", user, Password() ?? "");
        try
        {
            RedisAnswer answer = await link.ExecuteAsync(signIn, cancellationToken);
            return answer.IsError ? throw Refused(link.AddressOf(signIn), answer) : link;
        }
        catch (Exception e)
        {
            await link.CloseAsync();
            throw Unreachable(link.AddressOf(signIn), e, cancellationToken);
        }
    }

    /// <summary>Asked here and not by the library, whose own way takes longer than a router may be cut from its state table: it connects to every Sentinel and
    /// every replica, also to those that died with the master, one after the other (docs/adr/0015-what-of-redis-is-our-own.md).</summary>
    private async Task<HostAndPort> AskSentinelAsync(HostAndPort sentinel, string master, CancellationToken cancellationToken)
    {
        // Sentinels mostly have no accounts, and one without refuses any sign-in: the account is tried where they want one.
        RedisOptions anonymous = options with { User = null, Password = null, PasswordFile = null, Database = 0 };
        RedisLink link;
        try
        {
            link = await OpenAsync([sentinel], anonymous, cancellationToken);
        }
        catch (StateTableUnreachableException e) when (e.InnerException is RedisRefusedException { Code: "NOAUTH" } && Password() is not null)
        {
            link = await SignInAsync([sentinel], cancellationToken);
        }

        try
        {
            RedisAnswer answer = await link.ExecuteAsync(RedisCommand.Keyless("SENTINEL", "GET-MASTER-ADDR-BY-NAME", master), cancellationToken);
            return answer.IsError ? throw Refused(sentinel.ToString(), answer)
                : answer.Items.Count < 2 ? throw new StateTableUnreachableException($"the Sentinel at {sentinel} knows no master '{master}' (redis.sentinelMaster)")
                : new HostAndPort(answer.Items[0].Text, (int)answer.Items[1].Integer);
        }
        catch (Exception e)
        {
            throw Unreachable(sentinel.ToString(), e, cancellationToken);
        }
        finally
        {
            await link.CloseAsync();
        }
    }

    /// <summary>Asks all hosts at once, so that a dead one costs no time, and takes the first answer.</summary>
    private static async Task<T> FirstAsync<T>(IReadOnlyList<HostAndPort> hosts, Func<HostAndPort, Task<T>> ask)
    {
        Task<T>? failed = null;
        await foreach (Task<T> asked in Task.WhenEach(hosts.Select(ask)))
        {
            if (asked.IsCompletedSuccessfully)
            {
                return await asked;
            }

            failed ??= asked;
        }

        return await failed!;
    }
}
