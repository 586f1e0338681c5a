using System.Globalization;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Router.State.Redis.Connections;
using GlusterBus.Runtime.Configuration;
using StackExchange.Redis;

namespace GlusterBus.Router.State.Redis;

/// <summary>Who asks Redis for what.</summary>
public enum RedisRole
{
    /// <summary>Owns state tables.</summary>
    Router,

    /// <summary>Only reads.</summary>
    Reader,
}

/// <summary>Would the state table work, and what to do where it would not. Leaves nothing behind in Redis.</summary>
public static class RedisCheck
{
    /// <summary>The first with streams, and with scripts that may ask for the time before they write.</summary>
    internal static readonly Version Oldest = new(5, 0);

    private static readonly Version OldestWithUsers = new(6, 0);
    private static readonly RedisScript Script = RedisScript.Load("check");

    /// <param name="options">The section <c>redis</c>.</param>
    /// <param name="role">What the account must be able to do.</param>
    /// <param name="cluster">The cluster whose keys are tried.</param>
    /// <param name="clock">Measures the patience.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    /// <returns>One line for each thing tested; never throws for a failing test.</returns>
    public static async Task<IReadOnlyList<CheckResult>> RunAsync(
        RedisOptions options, RedisRole role, string cluster, TimeProvider clock, CancellationToken cancellationToken)
    {
        string where = string.Join(", ", options.Hosts) + (options.SentinelMaster is { } master ? $" (Sentinels of {master})" : "");
        var results = new List<CheckResult>();
        try
        {
            await using var connection = new RedisConnection(options, "check", clock);
            await connection.ProbeAsync(cancellationToken);
            results.Add(new CheckResult($"Redis {where} reached" + (options.User is { } user ? $" as {user}" : "")));
            results.Add(Encryption(options));
            results.AddRange(await TlsAsync(options, clock, cancellationToken));

            // First of all: in a Redis Cluster this leads to the node that has the keys, and the questions after it go there.
            results.AddRange(await PermissionsAsync(connection, role, cluster, options.User ?? "default", cancellationToken));
            results.AddRange(await ServerAsync(connection, options, role, cluster, cancellationToken));
        }
        catch (ConfigurationException e)
        {
            results.AddRange(e.Problems.Select(problem => new CheckResult("Redis " + where, problem.ToString(), "make the file readable for this user, or correct its path")));
        }
        catch (StateTableUnreachableException e)
        {
            // Which certificate is wrong, and how, the library does not tell.
            CheckResult[] reasons = (e.InnerException as RedisRefusedException)?.Code == RedisRefusedException.Encryption
                ? [.. (await TlsAsync(options, clock, cancellationToken)).Where(result => result.Problem is not null)]
                : [];
            results.AddRange(reasons.Length > 0 ? reasons : [new CheckResult("Redis " + where, e.Message, Remedy(e, options, role))]);
        }

        return results;
    }

    /// <summary>Version and cipher, and whose certificate ends soon, of each host that answers: the library does not tell.</summary>
    private static async Task<IReadOnlyList<CheckResult>> TlsAsync(RedisOptions options, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (!options.Tls.Enabled)
        {
            return [];
        }

        IEnumerable<HostAndPort> hosts = options.Hosts.Select(host => HostAndPort.TryParse(host, options.SentinelMaster is null ? RedisDialer.Port : RedisDialer.SentinelPort)!);
        IReadOnlyList<CheckResult>[] found = await Task.WhenAll(hosts.Select(host => TlsCheck.RunAsync($"Redis {host}", host, options.Tls, "redis.tls", clock, cancellationToken)));
        return [.. found.SelectMany(results => results).Distinct()];
    }

    private static CheckResult Encryption(RedisOptions options) => options.Tls.Enabled
        ? new CheckResult("Redis: the connection is encrypted")
        : options.Hosts.All(host => HostAndPort.TryParse(host, 0)!.Host is "localhost" or "127.0.0.1" or "::1")
            ? new CheckResult("Redis: the connection stays on this machine")
            : new CheckResult("Redis: encryption", "the connection is not encrypted: passwords and states can be read on the way", "set redis.tls.enabled to true, and redis.tls.caFile for an authority of your own", IsWarning: true);

    private static async Task<IReadOnlyList<CheckResult>> PermissionsAsync(
        RedisConnection connection, RedisRole role, string cluster, string account, CancellationToken cancellationToken)
    {
        var missing = new List<string>();
        async Task TryAsync(RedisCommand command)
        {
            RedisAnswer answer = await connection.AskAsync(command, cancellationToken);
            if (answer.IsError)
            {
                missing.Add(answer.IsErrorOf("NOPERM") ? command.Name : $"{command.Name} ({answer.Text})");
            }
        }

        // Without it the client's library does not see that there is a cluster, and can't find its nodes.
        if ((await connection.AskAsync(RedisCommand.Keyless("CLUSTER", "NODES"), cancellationToken)).IsErrorOf("NOPERM"))
        {
            missing.Add("CLUSTER NODES");
        }

        string probe = RedisKeys.Probe(cluster);
        if (role == RedisRole.Router)
        {
            RedisAnswer tried = await connection.AskAsync(Script.ByText([probe, probe + "-stream"], new RedisArguments()), cancellationToken);
            missing.AddRange(tried.IsError
                ? [tried.IsErrorOf("NOPERM") ? "EVAL" : $"EVAL ({tried.Text})"]
                : tried.Items.Chunk(2).Select(failed => Allowed(failed[1].Text) ? $"{failed[0].Text} ({failed[1].Text})" : failed[0].Text));
            string list = RedisKeys.Clusters(0) + ":check";
            await TryAsync(RedisCommand.Of("SADD", list, "check"));
            await TryAsync(RedisCommand.Of("UNLINK", list));
            await TryAsync(new RedisCommand("EVALSHA", [new string('0', 40), 1, (RedisKey)probe]));
            missing.RemoveAll(text => text.StartsWith("EVALSHA (NOSCRIPT", StringComparison.Ordinal));
        }

        await TryAsync(RedisCommand.Of("HGET", probe, "position"));
        await TryAsync(RedisCommand.Of("HSCAN", probe, "0"));
        await TryAsync(RedisCommand.Of("XRANGE", probe, "-", "+", "COUNT", "1"));
        await TryAsync(RedisCommand.Of("XREVRANGE", probe, "+", "-", "COUNT", "1"));
        await TryAsync(RedisCommand.Of("SMEMBERS", RedisKeys.Clusters(0)));
        return missing.Count == 0
            ? [new CheckResult($"Redis: the account {account} may do what the {RoleText(role)} needs")]
            : [new CheckResult("Redis: permissions", $"the account {account} may not do, or not on glusterbus's keys: {string.Join(", ", missing.Distinct())}", Grant(role))];
    }

    /// <summary>Inside a script a missing permission has words of its own, which differ between versions.</summary>
    private static bool Allowed(string error) => !error.Contains("NOPERM", StringComparison.Ordinal) && !error.Contains("user executing the script", StringComparison.Ordinal)
        && !error.Contains("no permissions", StringComparison.Ordinal);

    private static async Task<IReadOnlyList<CheckResult>> ServerAsync(RedisConnection connection, RedisOptions options, RedisRole role, string cluster, CancellationToken cancellationToken)
    {
        // By way of a script: the library may not use INFO (see RedisLink), and of a cluster the node that has the keys is meant.
        RedisAnswer answer = await connection.AskAsync(new RedisCommand("EVAL", ["return redis.call('INFO')", 1, (RedisKey)RedisKeys.Probe(cluster)]), cancellationToken);
        if (answer.IsError && role == RedisRole.Reader)
        {
            // A reader's account need not be able to ask.
            return [];
        }

        if (answer.IsError)
        {
            return [new CheckResult("Redis: version and persistence", "can't be looked at: " + answer.Text, "give the account +eval and +info", IsWarning: true)];
        }

        Dictionary<string, string> info = answer.Text.Split('\n', StringSplitOptions.TrimEntries).Select(line => line.Split(':', 2)).Where(pair => pair.Length == 2)
            .GroupBy(pair => pair[0], StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.First()[1], StringComparer.Ordinal);
        return role == RedisRole.Reader ? [Age(info, options)] : [Age(info, options), Persistence(info), .. Memory(info)];
    }

    private static CheckResult Age(Dictionary<string, string> info, RedisOptions options)
    {
        string text = info.GetValueOrDefault("redis_version", "");
        Version needed = options.User is null ? Oldest : OldestWithUsers;
        return !Version.TryParse(text, out Version? version) ? new CheckResult("Redis: version", $"'{text}' is no version", "none known; it may work", IsWarning: true)
            : version >= needed ? new CheckResult($"Redis: version {version}")
            : new CheckResult("Redis: version", $"{version} is too old", $"install Redis {needed} or newer{(options.User is null ? "" : ", or leave redis.user out")}");
    }

    private static CheckResult Persistence(Dictionary<string, string> info)
    {
        const string What = "Redis: persistence";
        if (info.GetValueOrDefault("aof_enabled") != "1")
        {
            return new CheckResult(What, "Redis keeps only now and then on disk what it is told; after a crash the routers must rebuild the state",
                "redis-cli CONFIG SET appendonly yes && redis-cli CONFIG REWRITE", IsWarning: true);
        }

        bool isFailing = info.GetValueOrDefault("aof_last_write_status", "ok") != "ok" || info.GetValueOrDefault("rdb_last_bgsave_status", "ok") != "ok";
        return isFailing
            ? new CheckResult(What, "Redis can't write to its disk and may refuse changes", "look at Redis's log; free space in its folder (redis-cli CONFIG GET dir)")
            : new CheckResult(What + ": every change is appended to a file");
    }

    private static IEnumerable<CheckResult> Memory(Dictionary<string, string> info)
    {
        if (info.GetValueOrDefault("maxmemory_policy") is not { } policy)
        {
            yield break;
        }

        bool isBounded = long.TryParse(info.GetValueOrDefault("maxmemory"), NumberStyles.None, CultureInfo.InvariantCulture, out long bound) && bound > 0;
        yield return policy == "noeviction"
            ? new CheckResult("Redis: eviction policy noeviction")
            : new CheckResult("Redis: eviction policy", $"{policy} throws keys away when memory runs short{(isBounded ? "" : " (no maxmemory is set yet)")}",
                "redis-cli CONFIG SET maxmemory-policy noeviction && redis-cli CONFIG REWRITE", IsWarning: !isBounded);
    }

    private static string Remedy(StateTableUnreachableException e, RedisOptions options, RedisRole role) => e.InnerException switch
    {
        TimeoutException => "look whether a firewall is between, or set redis.patience higher",
        RedisRefusedException { Code: "WRONGPASS" or "NOAUTH" or "ERR" } => "correct redis.user and redis.passwordFile; on the server: redis-cli ACL LIST",
        RedisRefusedException { Code: "NOPERM" } => Grant(role),
        RedisRefusedException { Code: "DENIED" } => "give the routers an account of their own and switch the default user off: redis-cli ACL SETUSER default reset off",
        RedisRefusedException { Code: RedisRefusedException.Encryption } =>
            "look at redis.tls: caFile must hold the authority of the server's certificate, serverName the name in it; where the server wants a client certificate, set certificateFile and keyFile; and the port must speak TLS",
        RedisRefusedException { Code: RedisRefusedException.Protocol } => "look whether redis.hosts names a Redis, and whether this port speaks TLS (redis.tls.enabled)",
        _ when options.SentinelMaster is not null => "look at redis.hosts and redis.sentinelMaster; on a Sentinel: redis-cli -p 26379 SENTINEL MASTERS",
        _ => "start redis-server there, or correct redis.hosts",
    };

    private static string RoleText(RedisRole role) => role == RedisRole.Router ? "router" : "reader";

    private static string Grant(RedisRole role) =>
        "redis-cli ACL SETUSER " + (role == RedisRole.Router ? RedisAccess.Router : RedisAccess.Reader)["user ".Length..].Replace("~{glusterbus:*}* ~glusterbus:*", "'~{glusterbus:*}*' '~glusterbus:*'", StringComparison.Ordinal)
            .Replace(">PASSWORD", "'>PASSWORD'", StringComparison.Ordinal).Replace("+cluster|nodes +client|setname +client|id", "'+cluster|nodes' '+client|setname' '+client|id'", StringComparison.Ordinal);
}
