using System.Globalization;
using GlusterBus.Pipeline.Tests.Verbs;
using GlusterBus.Runtime.Configuration;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Distributed;

/// <summary>Broker, Redis and the built program's roles as private child processes. Each role reaches the servers through lines of its own, which can be cut.</summary>
internal sealed class DistributedSystem : IAsyncDisposable
{
    /// <summary>The cluster's name.</summary>
    public const string Cluster = "crash";

    private readonly TemporaryFolder _folder = new();
    private readonly List<Role> _roles = [];

    private DistributedSystem(RabbitMqProcess broker, RedisProcess redis)
    {
        (Broker, Redis) = (broker, redis);
    }

    public RabbitMqProcess Broker { get; }

    public RedisProcess Redis { get; }

    /// <summary>The broker, by the direct way.</summary>
    public RabbitMqOptions BrokerOptions => Broker.Options with { Partitions = 1 };

    public static async Task<DistributedSystem> StartAsync(CancellationToken cancellationToken)
    {
        RabbitMqProcess broker = await RabbitMqProcess.StartAsync(cancellationToken);
        return new DistributedSystem(broker, await RedisProcess.StartAsync(cancellationToken, "--appendonly", "yes", "--appendfsync", "always"));
    }

    /// <summary>A folder of the system's own.</summary>
    public string FolderOf(string name) => Directory.CreateDirectory(_folder.File(name)).FullName;

    /// <summary>Describes a role and opens its lines; <see cref="Role.Start"/> starts it.</summary>
    /// <param name="verb"><c>collect</c>, <c>route</c> or <c>notify</c>.</param>
    /// <param name="name">Its node.</param>
    /// <param name="more">Further members of the configuration, with a comma at the end.</param>
    /// <param name="program">Which program plays it; null for the usual one.</param>
    public async Task<Role> AddAsync(string verb, string name, string more = "", string? program = null)
    {
        TcpProxy toBroker = TcpProxy.Start(Broker.Port);
        TcpProxy toRedis = TcpProxy.Start(Redis.Port);
        string folder = FolderOf(name);
        string file = Path.Combine(folder, "glusterbus.json");
        await File.WriteAllTextAsync(file, string.Create(CultureInfo.InvariantCulture, $$"""
            {
              {{more}}
              "cluster": "{{Cluster}}", "node": "{{name}}", "dataDirectory": "{{folder}}/data",
              "api": { "socket": "{{folder}}/api.sock" },
              "rabbitMq": { "hosts": ["127.0.0.1:{{toBroker.Port}}"], "partitions": 1 },
              "redis": { "hosts": ["127.0.0.1:{{toRedis.Port}}"] }
            }
            """));
        var role = new Role(verb, name, file, $"{folder}/api.sock", toBroker, toRedis) { Program = program };
        _roles.Add(role);
        return role;
    }

    /// <summary>A collector that reads the logs of a folder and nothing else.</summary>
    public Task<Role> AddLogCollectorAsync(string name, string logs) => AddAsync("collect", name, $$"""
        "collectors": {
          "logs": { "directory": "{{logs}}", "startAt": "beginning" },
          "gf_event": { "enabled": false },
          "get_state": { "enabled": false }
        },
        """);

    public async ValueTask DisposeAsync()
    {
        foreach (Role role in _roles)
        {
            await role.DisposeAsync();
        }

        await Broker.DisposeAsync();
        await Redis.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>One role of the built program.</summary>
internal sealed class Role(string verb, string name, string configuration, string socket, TcpProxy toBroker, TcpProxy toRedis) : IAsyncDisposable
{
    private Executable? _process;

    public string Name => name;

    public string Socket => socket;

    /// <summary>The configuration's file.</summary>
    public string Configuration => configuration;

    public TcpProxy ToBroker => toBroker;

    public TcpProxy ToRedis => toRedis;

    public Executable Process => _process ?? throw new InvalidOperationException($"{name} was not started");

    /// <summary>Which program plays the role; null for the usual one.</summary>
    public string? Program { get; init; }

    public void Start()
    {
        string[] arguments = [verb, "--quiet", "--config", configuration];
        _process = Executable.StartCommand(
            new Dictionary<string, string?> { ["NOTIFY_SOCKET"] = null, ["JOURNAL_STREAM"] = null },
            Program is null ? BuiltProgram.Command(arguments) : BuiltProgram.Command(Program, arguments));
    }

    /// <summary>Ends it as a crash does.</summary>
    public async Task KillAsync() => await Process.DisposeAsync();

    /// <summary>True when it answers and has all that it needs.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        using HttpClient client = Api.UnixHttp.Client(socket);
        try
        {
            using HttpResponseMessage answer = await client.GetAsync("health/ready", cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>The value of a metric, summed over its labels; null when the role does not answer or has no such metric.</summary>
    public async Task<double?> MetricAsync(string metric, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new Host.Api.InstanceClient(new Host.Api.InstanceAddress(socket, null, null));
            string[] lines = [.. (await client.LinesAsync("metrics", null, cancellationToken).ToListAsync(cancellationToken))
                .Where(line => line.StartsWith(metric + " ", StringComparison.Ordinal) || line.StartsWith(metric + "{", StringComparison.Ordinal))];
            return lines.Length == 0 ? null : lines.Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is Host.Hosting.UserException or IOException or HttpRequestException)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        await toBroker.DisposeAsync();
        await toRedis.DisposeAsync();
    }
}
