using System.Globalization;
using GlusterBus.Pipeline.Tests.Verbs;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Deployment;

/// <summary><c>docker compose up</c> without Docker: the commands, environments, accounts and server settings of compose.yaml, as processes on this machine.</summary>
public sealed class ComposedSystemTests : IAsyncDisposable
{
    /// <summary>How long a role that never becomes healthy is waited for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();
    private readonly List<Executable> _roles = [];
    private string _secrets = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (Executable role in _roles)
        {
            await role.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task The_accounts_and_settings_of_the_compose_file_carry_a_transition_from_the_simulated_cluster_to_the_notifiers_log()
    {
        Assert.SkipWhen((RabbitMqProcess.Obstacle ?? RedisProcess.Obstacle) is not null, RabbitMqProcess.Obstacle ?? RedisProcess.Obstacle ?? "");
        _secrets = await Deployed.SecretsAsync(_folder);
        ComposeFile compose = ComposeFile.Read();
        string broker = Deployed.Read("rabbitmq.conf").Replace("/run/secrets/rabbitmq-definitions", Path.Combine(_secrets, "rabbitmq-definitions.json"), StringComparison.Ordinal);
        await using RabbitMqProcess rabbitMq = await RabbitMqProcess.StartAsync(Token, broker);
        await using RedisProcess redis = await RedisProcess.StartAsync(Token, RedisArguments(compose));

        Executable route = await StartAsync(compose.Service("route"), rabbitMq, redis);
        Executable notify = await StartAsync(compose.Service("notify"), rabbitMq, redis);
        using KafkaMock kafka = KafkaMock.Start();
        kafka.Topic("glusterbus.transitions", 12);
        kafka.Topic("glusterbus.state", 12);
        Executable archive = await StartAsync(compose.Service("archive"), rabbitMq, redis, kafka);
        Executable demo = await StartAsync(compose.Service("demo"), rabbitMq, redis);

        string? line = await notify.Output.ReadLineAsync(Token);
        line.ShouldNotBeNull($"route: {route.Error}\nnotify: {notify.Error}\ndemo: {demo.Error}").ShouldContain("/");
        await ArchivedAsync(archive);
    }

    /// <summary>Waits until the archive's own history tells something.</summary>
    private async Task ArchivedAsync(Executable archive)
    {
        string socket = Path.Combine(_folder.File("archive"), "api.sock");
        long started = TimeProvider.System.GetTimestamp();
        while ((await Executable.RunAsync(new Dictionary<string, string?>(), "history", "--socket", socket)) is { Output: "" } nothing)
        {
            archive.HasExited.ShouldBeFalse(archive.Error);
            TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(Patience, nothing.Error + archive.Error);
        }
    }

    /// <summary>The arguments of the compose file's redis-server, with the files where they are here.</summary>
    private string[] RedisArguments(ComposeFile compose)
    {
        ComposeService service = compose.Service("redis");
        service.Command[0].ShouldBe("redis-server");
        return [.. service.Command.Skip(1).Select(word => Here(service, compose, word))];
    }

    /// <summary>Starts a role and waits until its health check is content.</summary>
    private async Task<Executable> StartAsync(ComposeService service, RabbitMqProcess rabbitMq, RedisProcess redis, KafkaMock? kafka = null)
    {
        ComposeFile compose = ComposeFile.Read();
        string folder = Directory.CreateDirectory(_folder.File(service.Name)).FullName;
        var environment = service.Environment.ToDictionary(v => v.Key, v => (string?)Here(service, compose, v.Value), StringComparer.Ordinal);
        environment["GLUSTERBUS__RABBITMQ__HOSTS"] = string.Create(CultureInfo.InvariantCulture, $"[\"127.0.0.1:{rabbitMq.Port}\"]");
        environment["GLUSTERBUS__REDIS__HOSTS"] = string.Create(CultureInfo.InvariantCulture, $"[\"127.0.0.1:{redis.Port}\"]");
        if (kafka is not null)
        {
            environment["GLUSTERBUS__NOTIFIERS__ARCHIVE__BROKERS"] = kafka.Json;
        }

        environment["GLUSTERBUS__DATADIRECTORY"] = folder;
        environment["GLUSTERBUS__API__SOCKET"] = Path.Combine(folder, "api.sock");
        environment["TMPDIR"] = folder;
        environment["NOTIFY_SOCKET"] = environment["JOURNAL_STREAM"] = null;
        Executable role = Executable.Start(environment, [.. service.Command]);
        _roles.Add(role);
        string[] check = [.. service.HealthCheck.Skip(3)];
        long started = TimeProvider.System.GetTimestamp();
        while (await Executable.RunAsync(environment, check) is { Code: not 0 } ill)
        {
            role.HasExited.ShouldBeFalse(role.Error);
            TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(Patience, $"{service.Name}: {ill.Error}{role.Error}");
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Token);
        }

        return role;
    }

    /// <summary>A word of the compose file with the secret's file in place of where the container would find it.</summary>
    private string Here(ComposeService service, ComposeFile compose, string word) =>
        service.Secrets.TryGetValue(word, out string? secret) ? Path.Combine(_secrets, Path.GetFileName(compose.Secrets[secret])) : word;
}
