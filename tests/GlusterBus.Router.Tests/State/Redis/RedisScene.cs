using System.Globalization;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Router.State;
using GlusterBus.Router.State.Redis;
using GlusterBus.Runtime.Configuration;
using GlusterBus.TestKit;

namespace GlusterBus.Router.Tests.State.Redis;

/// <summary>A Redis of the test's own and everything that leads to it.</summary>
public sealed class RedisScene : IAsyncDisposable
{
    public const string Cluster = "prod";

    private readonly List<RedisConnection> _connections = [];

    private RedisScene(RedisProcess server)
    {
        Server = server;
        Options = server.Options with { Patience = TimeSpan.FromSeconds(2) };
    }

    public RedisProcess Server { get; }

    public RedisOptions Options { get; set; }

    public TimeProvider Clock { get; set; } = TimeProvider.System;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<RedisScene> StartAsync(params string[] arguments) => new(await RedisProcess.StartAsync(Token, arguments));

    public RedisConnection Connect(RedisOptions? options = null)
    {
        var connection = new RedisConnection(options ?? Options, "test", TimeProvider.System);
        _connections.Add(connection);
        return connection;
    }

    /// <summary>A table on a connection of its own, as another router has it.</summary>
    public RedisStateTable Table(string cluster = Cluster, RedisOptions? options = null) => new(cluster, Connect(options), options ?? Options, Clock);

    public RedisArchive Archive(string cluster = Cluster) => new(cluster, Connect(), TimeProvider.System);

    public Task<string> RedisAsync(params string[] arguments) => Server.ControlAsync(arguments, Token);

    /// <summary>Adds the account of a role, as documented, and takes away what the default user may do.</summary>
    public async Task RestrictAsync(string account, string password)
    {
        string[] words = account.Split(' ');
        (await RedisAsync(["ACL", "SETUSER", .. words[1..].Select(word => word == ">PASSWORD" ? ">" + password : word)])).ShouldBe("OK");
        (await RedisAsync(["ACL", "SETUSER", "default", "reset", .. RedisAccess.Default.Split(' ')[3..]])).ShouldBe("OK");
        Options = Options with { User = words[1], Password = password };
    }

    public async ValueTask DisposeAsync()
    {
        foreach (RedisConnection connection in _connections)
        {
            await connection.DisposeAsync();
        }

        await Server.DisposeAsync();
    }

    public static string Host(int port, string host = "127.0.0.1") => string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");
}

public class RedisStoreFactory : IStoreFactory
{
    private RedisScene? _scene;

    public async Task<(IStateTable, ITransitionArchive, IDeliveryQueues?)> OpenAsync(CancellationToken cancellationToken)
    {
        _scene ??= await StartAsync();
        return (_scene.Table(), _scene.Archive(), null);
    }

    public async ValueTask DisposeAsync()
    {
        if (_scene is not null)
        {
            await _scene.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    protected virtual Task<RedisScene> StartAsync() => RedisScene.StartAsync();
}

/// <summary>The same with the documented account of the routers, and no other.</summary>
public sealed class RestrictedRedisFactory : RedisStoreFactory
{
    protected override async Task<RedisScene> StartAsync()
    {
        RedisScene scene = await RedisScene.StartAsync();
        await scene.RestrictAsync(RedisAccess.Router, "correct horse");
        return scene;
    }
}

public sealed class RedisStateTableTests : StateTableContract<RedisStoreFactory>;

public sealed class RestrictedRedisStateTableTests : StateTableContract<RestrictedRedisFactory>;
