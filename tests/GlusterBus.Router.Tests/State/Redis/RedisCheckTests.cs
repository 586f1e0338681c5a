using System.Net;
using System.Net.Sockets;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Router.State.Redis;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Router.Tests.State.Redis;

public sealed class RedisCheckTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_set_up_as_documented_has_nothing_to_mend_and_keeps_no_trace()
    {
        await using RedisScene scene = await RedisScene.StartAsync("--appendonly", "yes");
        await scene.RestrictAsync(RedisAccess.Router, "correct horse");
        IReadOnlyList<CheckResult> results = await CheckAsync(scene.Options);
        results.ShouldAllBe(result => result.Problem == null);
        string.Join('\n', results.Select(r => r.Subject)).ShouldBe($"""
            Redis 127.0.0.1:{scene.Server.Port} reached as glusterbus-router
            Redis: the connection stays on this machine
            Redis: the account glusterbus-router may do what the router needs
            Redis: version 7.0.15
            Redis: persistence: every change is appended to a file
            Redis: eviction policy noeviction
            """.Replace("7.0.15", (await scene.Server.ControlAsync(["--user", "glusterbus-router", "-a", "correct horse", "--no-auth-warning", "INFO", "server"], Token))
                .Split('\n').Single(line => line.StartsWith("redis_version:", StringComparison.Ordinal))["redis_version:".Length..].Trim(), StringComparison.Ordinal));
        (await scene.Server.ControlAsync(["--user", "glusterbus-router", "-a", "correct horse", "--no-auth-warning", "INFO", "keyspace"], Token)).ShouldNotContain("db0");
    }

    [Fact]
    public async Task Without_the_append_only_file_a_warning_says_what_to_type()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        CheckResult result = (await CheckAsync(scene.Options)).Single(r => r.Problem is not null);
        (result.Subject, result.IsWarning, result.Remedy).ShouldBe(("Redis: persistence", true, "redis-cli CONFIG SET appendonly yes && redis-cli CONFIG REWRITE"));
    }

    [Fact]
    public async Task A_server_that_evicts_keys_is_an_error()
    {
        await using RedisScene scene = await RedisScene.StartAsync("--appendonly", "yes", "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru");
        CheckResult result = (await CheckAsync(scene.Options)).Single(r => r.Problem is not null);
        (result.Subject, result.IsWarning).ShouldBe(("Redis: eviction policy", false));
        result.Remedy.ShouldBe("redis-cli CONFIG SET maxmemory-policy noeviction && redis-cli CONFIG REWRITE");
    }

    [Fact]
    public async Task Each_command_that_an_account_lacks_is_named_with_the_line_that_grants_it()
    {
        await using RedisScene scene = await RedisScene.StartAsync("--appendonly", "yes");
        await scene.RestrictAsync(RedisAccess.Router.Replace("+xadd ", "", StringComparison.Ordinal).Replace("+smembers ", "", StringComparison.Ordinal), "correct horse");
        CheckResult result = (await CheckAsync(scene.Options)).Single(r => r.Problem is not null);
        result.Problem.ShouldBe("the account glusterbus-router may not do, or not on glusterbus's keys: XADD, SMEMBERS");
        result.Remedy!.ShouldStartWith("redis-cli ACL SETUSER glusterbus-router on '>PASSWORD' '~{glusterbus:*}*'");
        (await CheckAsync(scene.Options with { User = "nobody-known" })).Single().Remedy!.ShouldStartWith("correct redis.user and redis.passwordFile");
    }

    [Fact]
    public async Task The_remedy_for_missing_rights_works_in_a_shell()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        await scene.RestrictAsync("user glusterbus-router on >PASSWORD -@all +ping +client|setname +info", "correct horse");
        string remedy = (await CheckAsync(scene.Options)).Single(r => r is { Problem: not null, IsWarning: false }).Remedy!;
        await scene.Server.Process.KillAsync();
        await scene.Server.StartServerAsync(Token);
        using var shell = System.Diagnostics.Process.Start(
            "/bin/sh", ["-c", remedy.Replace("redis-cli", $"redis-cli -p {scene.Server.Port}", StringComparison.Ordinal).Replace(">PASSWORD", ">correct horse", StringComparison.Ordinal)])!;
        await shell.WaitForExitAsync(Token);
        (await CheckAsync(scene.Options)).ShouldAllBe(result => result.Problem == null || result.IsWarning);
    }

    [Fact]
    public async Task A_server_in_protected_mode_is_told_with_the_line_that_opens_it_to_accounts_only()
    {
        // Redis is in this mode only for other machines; this is what 7.0 says to them before it closes.
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task serving = ServeAsync(listener);
        CheckResult result = (await CheckAsync(new RedisOptions { Hosts = [RedisScene.Host(((IPEndPoint)listener.LocalEndpoint).Port)] })).Single();
        result.Problem!.ShouldEndWith("it is in protected mode and takes only clients of its own machine");
        result.Remedy!.ShouldEndWith("redis-cli ACL SETUSER default reset off");
        listener.Stop();
        await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

        static async Task ServeAsync(TcpListener listener)
        {
            while (true)
            {
                using TcpClient client = await listener.AcceptTcpClientAsync(Token);
                await client.GetStream().WriteAsync("-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default user.\r\n"u8.ToArray(), Token);
            }
        }
    }

    [Fact]
    public async Task An_account_that_may_not_ask_for_the_nodes_of_a_cluster_is_told_so()
    {
        await using RedisScene scene = await RedisScene.StartAsync("--appendonly", "yes");
        await scene.RestrictAsync(RedisAccess.Router.Replace(" +cluster|nodes", "", StringComparison.Ordinal), "correct horse");
        (await CheckAsync(scene.Options)).Single(r => r.Problem is not null).Problem!.ShouldEndWith("on glusterbus's keys: CLUSTER NODES");
    }

    [Fact]
    public async Task A_server_that_is_not_there_says_what_to_do()
    {
        CheckResult result = (await CheckAsync(new RedisOptions { Hosts = [RedisScene.Host(TestKit.FreePorts.Take(1)[0])] })).Single();
        result.Problem!.ShouldContain("Connection refused");
        result.Remedy.ShouldBe("start redis-server there, or correct redis.hosts");
    }

    [Fact]
    public async Task A_password_file_that_can_not_be_read_is_named() =>
        (await CheckAsync(new RedisOptions { PasswordFile = "/nowhere/password" })).Single().Problem!.ShouldContain("/nowhere/password");

    private static Task<IReadOnlyList<CheckResult>> CheckAsync(RedisOptions options) => RedisCheck.RunAsync(options, RedisRole.Router, "prod", TimeProvider.System, Token);
}
