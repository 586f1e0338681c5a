using System.Diagnostics;
using System.Globalization;
using System.Text;
using GlusterBus.Contracts.Messages;
using GlusterBus.Host.Api;
using GlusterBus.Host.Hosting;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Lab;

/// <summary><c>glusterbus up</c> as its own process inside a node of a lab cluster, asked through its Unix socket.</summary>
internal sealed class LabInstance : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly InstanceClient _client;
    private readonly CancellationTokenSource _stop = new();
    private readonly IAsyncEnumerator<ServerSentEvent> _live;

    private LabInstance(LabCluster lab, int node)
    {
        string configuration = _folder.File("glusterbus.json");
        string socket = _folder.File("api.sock");
        File.WriteAllText(configuration, $$"""
            { "cluster": "lab", "node": "{{lab.Node(node)}}", "dataDirectory": "{{_folder.File("data")}}", "api": { "socket": "{{socket}}" } }
            """);
        _process = lab.StartOn(node, "dotnet", Path.Combine(AppContext.BaseDirectory, "glusterbus.dll"), "up", "--config", configuration);
        DataReceivedEventHandler keep = (_, line) =>
        {
            lock (_output)
            {
                _output.AppendLine(line.Data);
            }
        };
        _process.OutputDataReceived += keep;
        _process.ErrorDataReceived += keep;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _client = new InstanceClient(new InstanceAddress(socket, null, null));
        _live = _client.EventsAsync("v1/transitions", new StreamPosition { LastId = "0" }, _stop.Token).GetAsyncEnumerator(_stop.Token);
    }

    /// <summary>Starts it and waits until it has rebuilt the state and follows its sources.</summary>
    public static async Task<LabInstance> StartAsync(LabCluster lab, int node, CancellationToken cancellationToken)
    {
        var instance = new LabInstance(lab, node);
        try
        {
            await instance.UntilAsync(async () => (await instance.LinesAsync("v1/state", cancellationToken)).Any(line => line.Contains("\"node/", StringComparison.Ordinal)), cancellationToken);
        }
        catch
        {
            await instance.DisposeAsync();
            throw;
        }

        return instance;
    }

    /// <summary>The next transition of the live stream.</summary>
    public async Task<Transition> NextAsync(string expected, TimeSpan patience, CancellationToken cancellationToken)
    {
        Task<bool> next = _live.MoveNextAsync().AsTask();
        try
        {
            (await next.WaitAsync(patience, TimeProvider.System, cancellationToken)).ShouldBeTrue("the live stream must not end");
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"no '{expected}' within {patience}; glusterbus said:\n{Said()}");
        }

        return TransitionJson.Parse(Encoding.UTF8.GetBytes(_live.Current.Data));
    }

    public async Task<IReadOnlyList<Transition>> HistoryAsync(CancellationToken cancellationToken) =>
        [.. (await LinesAsync("v1/transitions?limit=1000", cancellationToken)).Select(line => TransitionJson.Parse(Encoding.UTF8.GetBytes(line)))];

    /// <summary>How many observations the router has seen.</summary>
    public async Task<double> SeenAsync(CancellationToken cancellationToken) =>
        (await LinesAsync("metrics", cancellationToken))
            .Where(line => line.StartsWith("glusterbus_observations_total{", StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _client.Dispose();

        // The process in between is nsenter; the tree below it is the instance.
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _stop.Dispose();
        _folder.Dispose();
    }

    private async Task<IReadOnlyList<string>> LinesAsync(string path, CancellationToken cancellationToken) =>
        await _client.LinesAsync(path, null, cancellationToken).ToListAsync(cancellationToken);

    private async Task UntilAsync(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        for (long began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(60);)
        {
            try
            {
                if (await condition())
                {
                    return;
                }
            }
            catch (UserException)
            {
                // Not listening yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
        }

        throw new TimeoutException($"the instance was not ready in time; it said:\n{Said()}");
    }

    private string Said()
    {
        lock (_output)
        {
            return _output.ToString();
        }
    }
}
