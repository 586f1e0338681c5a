using System.Globalization;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Router.State;
using GlusterBus.Router.State.Redis;
using GlusterBus.Router.State.Redis.Connections;
using GlusterBus.Runtime.Configuration;
using GlusterBus.TestKit;

namespace GlusterBus.Router.Tests.State.Redis;

/// <summary>Accounts and certificates, and what <c>glusterbus check</c> says of them. That the whole contract passes with the routers' account is held by
/// <see cref="RestrictedRedisStateTableTests"/>.</summary>
public sealed class RedisAccessTests
{
    private const string Password = "correct horse battery";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Task<StateTableUnreachableException> FailAsync(RedisScene scene, RedisOptions options) =>
        Should.ThrowAsync<StateTableUnreachableException>(async () => await scene.Connect(options).ProbeAsync(Token));

    [Fact]
    public async Task The_routers_account_restores_publishes_lists_and_comes_back_after_a_restart()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        await scene.RestrictAsync(RedisAccess.Router, Password);
        RedisConnection connection = scene.Connect();
        var table = new RedisStateTable(RedisScene.Cluster, connection, scene.Options, TimeProvider.System);
        TableContents contents = await table.OpenAsync(Token);
        Commit commit = SampleCommits.One(1, "offline");
        await table.CommitAsync(contents.Epoch, commit, Token);
        await table.RestoreAsync(contents with { Entries = commit.Entries, Applied = commit.Applied }, Token);
        await table.PublishedAsync(contents.Epoch, table.Next(contents.Epoch, contents.Published, 10)[^1].Position, Token);
        await new RedisClusters(connection).AddAsync(0, "prod", Token);
        (await new RedisClusters(connection).ListAsync(0, Token)).ShouldBe(["prod"]);
        (await new RedisStateReader(RedisScene.Cluster, connection).CurrentAsync(Token)).Count.ShouldBe(1);

        await scene.Server.Process.KillAsync();
        await Should.ThrowAsync<StateTableUnreachableException>(async () => await connection.ProbeAsync(Token));
        await scene.Server.StartServerAsync(Token);
        await scene.RestrictAsync(RedisAccess.Router, Password);
        await table.OpenAsync(Token);
    }

    [Theory]
    [InlineData("GET", "somebody-else")]
    [InlineData("SET", "{glusterbus:prod}:x", "1")]
    [InlineData("FLUSHALL")]
    [InlineData("KEYS", "*")]
    [InlineData("CONFIG", "GET", "*")]
    [InlineData("PUBLISH", "a", "b")]
    [InlineData("ACL", "LIST")]
    public async Task The_routers_account_may_do_nothing_else(params string[] command)
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        await scene.RestrictAsync(RedisAccess.Router, Password);
        (await scene.RedisAsync(["--user", "glusterbus-router", "-a", Password, "--no-auth-warning", .. command])).ShouldStartWith("NOPERM");
        (await scene.RedisAsync(command)).ShouldStartWith("NOAUTH");
    }

    [Fact]
    public async Task The_readers_account_reads_and_can_not_write()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        RedisStateTable table = scene.Table();
        long epoch = (await table.OpenAsync(Token)).Epoch;
        await table.CommitAsync(epoch, SampleCommits.One(1, "offline"), Token);
        await scene.RestrictAsync(RedisAccess.Reader, Password);
        RedisConnection reader = scene.Connect();

        (await new RedisStateReader(RedisScene.Cluster, reader).CurrentAsync(Token)).Count.ShouldBe(1);
        var archive = new RedisArchive(RedisScene.Cluster, reader, TimeProvider.System);
        (await archive.QueryAsync(new() { Newest = true }, Token)).Concat(await archive.QueryAsync(new(), Token)).Count().ShouldBe(2);
        await archive.WaitAsync(0, Token);
        await new RedisClusters(reader).ListAsync(0, Token);
        await Should.ThrowAsync<StateTableUnreachableException>(async () => await scene.Table().OpenAsync(Token));
        foreach (string[] write in new[] { ["HSET", RedisKeys.Owner("prod"), "epoch", "9"], ["UNLINK", RedisKeys.Entries("prod")], ["SADD", RedisKeys.Clusters(0), "x"], new[] { "XTRIM", RedisKeys.Outbox("prod"), "MAXLEN", "0" } })
        {
            RedisAnswer answer = await reader.AskAsync(RedisCommand.Of(write[0], write[1], write[2..]), Token);
            answer.IsErrorOf("NOPERM").ShouldBeTrue(write[0]);
        }

        (await RedisCheck.RunAsync(scene.Options, RedisRole.Reader, "prod", TimeProvider.System, Token)).ShouldAllBe(result => result.Problem == null || result.IsWarning);
    }

    [Fact]
    public async Task A_wrong_password_is_said_to_be_so_and_is_not_repeated()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        await scene.RestrictAsync(RedisAccess.Router, Password);
        RedisOptions wrong = scene.Options with { Password = "hunter2-hunter2" };
        StateTableUnreachableException e = await Should.ThrowAsync<StateTableUnreachableException>(async () => await scene.Connect(wrong).ProbeAsync(Token));
        e.Message.ShouldBe($"Redis at 127.0.0.1:{scene.Server.Port}: it does not take the password of the user 'glusterbus-router' (redis.user, redis.passwordFile)");
        e.ToString().ShouldNotContain("hunter2");
        await scene.Connect().ProbeAsync(Token);
    }

    [Fact]
    public async Task A_refused_account_is_told_also_where_the_default_user_would_let_everybody_in()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        StateTableUnreachableException e = await FailAsync(scene, scene.Options with { User = "nobody", Password = "hunter2-hunter2" });
        e.Message.ShouldBe($"Redis at 127.0.0.1:{scene.Server.Port}: it does not take the password of the user 'nobody' (redis.user, redis.passwordFile)");
        e.ToString().ShouldNotContain("hunter2");
    }

    [Fact]
    public async Task A_server_that_wants_a_password_says_so_and_a_wrong_one_is_not_repeated()
    {
        await using RedisScene scene = await RedisScene.StartAsync("--requirepass", Password);
        (await FailAsync(scene, scene.Options)).Message.ShouldContain("wants a password");
        StateTableUnreachableException wrong = await FailAsync(scene, scene.Options with { Password = "hunter2-hunter2" });
        wrong.Message.ShouldEndWith("it does not take the password of the user 'default' (redis.user, redis.passwordFile)");
        wrong.ToString().ShouldNotContain("hunter2");
        await scene.Connect(scene.Options with { Password = Password }).ProbeAsync(Token);
    }

    [Fact]
    public async Task A_connection_that_is_cut_comes_back_signed_in_as_the_same_user()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        (await scene.RedisAsync("ACL", "SETUSER", "admin", "on", ">a", "~*", "+@all")).ShouldBe("OK");
        await scene.RestrictAsync(RedisAccess.Router, Password);
        RedisStateTable table = scene.Table();
        long epoch = (await table.OpenAsync(Token)).Epoch;
        for (int i = 1; i <= 50; i++)
        {
            await scene.RedisAsync("--user", "admin", "-a", "a", "--no-auth-warning", "CLIENT", "KILL", "USER", "glusterbus-router");
            try
            {
                await table.CommitAsync(epoch, SampleCommits.One(i, "offline"), Token);
            }
            catch (StateTableUnreachableException e) when (!e.Message.Contains("may not", StringComparison.Ordinal))
            {
                // The cut was noticed only by this commit; whether it arrived is not known.
                epoch = (await table.OpenAsync(Token)).Epoch;
            }
        }

        await table.CommitAsync(epoch, SampleCommits.One(51, "online"), Token);
    }

    [Fact]
    public async Task A_password_without_a_user_is_the_default_users_and_a_changed_file_counts_from_the_next_connection_on()
    {
        using var folder = new TemporaryFolder();
        await using RedisScene scene = await RedisScene.StartAsync();
        await scene.RedisAsync("CONFIG", "SET", "requirepass", "first");
        await File.WriteAllTextAsync(folder.File("password"), "first\n", Token);
        RedisConnection connection = scene.Connect(scene.Options with { PasswordFile = folder.File("password") });
        await connection.ProbeAsync(Token);
        await RedisProcess.ControlAsync(scene.Server.Port, ["-a", "first", "--no-auth-warning", "CONFIG", "SET", "requirepass", "second"], Token);
        await RedisProcess.ControlAsync(scene.Server.Port, ["-a", "second", "--no-auth-warning", "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"], Token);
        await File.WriteAllTextAsync(folder.File("password"), "second\n", Token);
        while (true)
        {
            try
            {
                await connection.ProbeAsync(Token);
                break;
            }
            catch (StateTableUnreachableException e) when (!e.Message.Contains("password", StringComparison.Ordinal))
            {
                // The connection that was killed; the next one reads the file.
            }
        }
    }

    [Fact]
    public void A_password_file_that_is_not_there_is_told_at_the_start() =>
        Should.Throw<ConfigurationException>(() => new RedisConnection(new RedisOptions { PasswordFile = "/nowhere/password" }, "test", TimeProvider.System))
            .Message.ShouldContain("/nowhere/password");

    [Fact]
    public async Task A_server_with_a_private_authority_that_wants_a_client_certificate_is_reached_and_no_other_way_leads_in()
    {
        using PrivateAuthority authority = await PrivateAuthority.CreateAsync(Token);
        using PrivateAuthority stranger = await PrivateAuthority.CreateAsync(Token);
        (string serverCertificate, string serverKey) = await authority.IssueAsync("redis1.example.com", "DNS:localhost,DNS:redis1.example.com", Token);
        (string clientCertificate, string clientKey) = await authority.IssueAsync("router", "DNS:router", Token);
        int port = FreePorts.Take(1)[0];
        await using RedisScene scene = await RedisScene.StartAsync(
            "--tls-port", port.ToString(CultureInfo.InvariantCulture), "--tls-cert-file", serverCertificate, "--tls-key-file", serverKey, "--tls-ca-cert-file", authority.CaFile, "--tls-auth-clients", "yes");
        var tls = new TlsOptions { Enabled = true, CaFile = authority.CaFile, CertificateFile = clientCertificate, KeyFile = clientKey };
        scene.Options = scene.Options with { Hosts = [RedisScene.Host(port, "localhost")], Tls = tls };

        RedisStateTable table = scene.Table();
        await table.CommitAsync((await table.OpenAsync(Token)).Epoch, SampleCommits.Many(5000), Token);
        (await scene.Table().OpenAsync(Token)).Entries.Count.ShouldBe(5000);
        (await CheckAsync(scene.Options)).ShouldContain(result => result.Subject == "Redis: the connection is encrypted" && result.Problem == null);

        RedisOptions address = scene.Options with { Hosts = [RedisScene.Host(port)] };
        (await FailAsync(address)).ShouldContain("encrypted connection failed", Case.Sensitive, "the certificate bears no address");
        await scene.Connect(address with { Tls = tls with { ServerName = "redis1.example.com" } }).ProbeAsync(Token);
        (await FailAsync(scene.Options with { Tls = tls with { CaFile = stranger.CaFile } })).ShouldContain("encrypted connection failed");
        (await FailAsync(scene.Options with { Tls = tls with { CertificateFile = null, KeyFile = null } })).ShouldNotBeEmpty();
        (await FailAsync(scene.Options with { Tls = new TlsOptions() })).ShouldNotBeEmpty();
        (await CheckAsync(scene.Options with { Tls = tls with { CaFile = stranger.CaFile } })).Single().Remedy!.ShouldContain("caFile");
        (await CheckAsync(scene.Options with { Tls = tls with { CertificateFile = null, KeyFile = null } })).Single().Remedy!.ShouldContain("client certificate");

        async Task<string> FailAsync(RedisOptions options) => (await RedisAccessTests.FailAsync(scene, options)).Message;
        static Task<IReadOnlyList<CheckResult>> CheckAsync(RedisOptions options) => RedisCheck.RunAsync(options, RedisRole.Router, "prod", TimeProvider.System, Token);
    }
}
