using System.Collections;
using System.Text;
using GlusterBus.Host;
using GlusterBus.Host.Api;
using GlusterBus.Host.Composition;
using GlusterBus.Runtime.Configuration;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlusterBus.Pipeline.Tests.Api;

/// <summary>A whole instance in the test's process, without collectors but those that the test names: what comes in is injected.</summary>
internal sealed class RunningInstance : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    private RunningInstance()
    {
    }

    public Instance Instance { get; private set; } = null!;

    public string Socket => _folder.File("api.sock");

    public InstanceClient Client { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    public static async Task<RunningInstance> StartAsync(string api = "", TimeProvider? clock = null, string notifiers = "", string collectors = "")
    {
        var running = new RunningInstance();
        string json = $$"""
            {
              "node": "gl1",
              "dataDirectory": "{{running._folder.File("data")}}",
              "collectors": { "logs": { "enabled": false }, "gf_event": { "enabled": false }, "get_state": { "enabled": false }{{collectors}} },
              "notifiers": { {{notifiers}} },
              "api": { "socket": "{{running.Socket}}"{{api}} }
            }
            """;
        LoadedConfiguration configuration = LoadedConfiguration.From(ConfigurationDocument.Parse(Encoding.UTF8.GetBytes(json), "test.json", new Hashtable()), PluginFactory.Catalog);
        running.Instance = await Instance.StartAsync(configuration, clock ?? TimeProvider.System, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        running.Client = new InstanceClient(new InstanceAddress(running.Socket, null, null));
        running.Http = UnixHttp.Client(running.Socket);
        return running;
    }

    public Task EmitAsync(string entity, string state) =>
        Client.EmitAsync(new EmitRequest { Entity = entity, State = state }, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Http.Dispose();
        await Instance.DisposeAsync();
        _folder.Dispose();
    }
}
