using System.Diagnostics;
using System.Globalization;
using System.Text;
using GlusterBus.Host.Api;
using GlusterBus.Host.Hosting;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Lab;

/// <summary>One role of the built program inside a lab, asked through its Unix socket.</summary>
internal sealed class LabRole : IAsyncDisposable
{
    private readonly Func<string[], Process> _start;
    private readonly string[] _command;
    private readonly string _socket;
    private readonly StringBuilder _said = new();
    private readonly Dictionary<string, double> _before = new(StringComparer.Ordinal);
    private Process? _process;

    /// <param name="verb"><c>collect</c>, <c>route</c> or <c>notify</c>.</param>
    /// <param name="name">Its node.</param>
    /// <param name="folder">A folder of its own.</param>
    /// <param name="members">The configuration's members.</param>
    /// <param name="start">Starts a command where the role lives.</param>
    public LabRole(string verb, string name, string folder, string members, Func<string[], Process> start)
    {
        (Name, _start, _socket) = (name, start, $"{folder}/api.sock");
        string file = $"{folder}/glusterbus.json";
        File.WriteAllText(file, $$"""
            { "cluster": "{{LabSystem.Cluster}}", "node": "{{name}}", "dataDirectory": "{{folder}}/data", "api": { "socket": "{{_socket}}" }, {{members}} }
            """);
        _command = BuiltProgram.Command(verb, "--quiet", "--config", file);
    }

    public string Name { get; }

    /// <summary>What it has written so far.</summary>
    public string Said
    {
        get
        {
            lock (_said)
            {
                return _said.ToString();
            }
        }
    }

    public void Start()
    {
        _process = _start(_command);
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Ends it as a crash does. What it counted is kept.</summary>
    public async Task KillAsync()
    {
        foreach ((string series, double value) in await SeriesAsync(CancellationToken.None))
        {
            _before[series] = _before.GetValueOrDefault(series) + value;
        }

        // The process in between is a shell or nsenter; the tree below it is the role.
        _process!.Kill(entireProcessTree: true);
        await EndedAsync();
    }

    /// <summary>After its node was switched off: nothing of it runs any more.</summary>
    public async Task EndedAsync()
    {
        await _process!.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>The counters whose names begin so, those of killed predecessors included, by name and labels.</summary>
    public async Task<IReadOnlyDictionary<string, double>> CountedAsync(string metric, CancellationToken cancellationToken)
    {
        var counted = new Dictionary<string, double>(_before, StringComparer.Ordinal);
        foreach ((string series, double value) in _process is null ? new Dictionary<string, double>() : await SeriesAsync(cancellationToken))
        {
            counted[series] = counted.GetValueOrDefault(series) + value;
        }

        return counted.Where(c => c.Key.StartsWith(metric, StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal);
    }

    /// <summary>A gauge of the running process, summed over its labels; 0 when it does not answer or has none of that name.</summary>
    public async Task<double> GaugeAsync(string metric, CancellationToken cancellationToken) =>
        _process is null ? 0 : (await SeriesAsync(cancellationToken)).Where(s => s.Key == metric || s.Key.StartsWith(metric + "{", StringComparison.Ordinal)).Sum(s => s.Value);

    /// <summary>True when it answers and says that it is at work.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var client = new InstanceClient(new InstanceAddress(_socket, null, null));
            return await client.UnreadinessAsync(cancellationToken) is null;
        }
        catch (UserException)
        {
            return false;
        }
    }

    /// <summary>The lines of an answer.</summary>
    /// <exception cref="UserException">Nobody answers.</exception>
    public async Task<IReadOnlyList<string>> AskAsync(string path, CancellationToken cancellationToken)
    {
        using var client = new InstanceClient(new InstanceAddress(_socket, null, null));
        return await client.LinesAsync(path, null, cancellationToken).ToListAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            await EndedAsync();
        }
    }

    private async Task<Dictionary<string, double>> SeriesAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await AskAsync("metrics", cancellationToken))
                .Where(line => line.StartsWith("glusterbus_", StringComparison.Ordinal))
                .ToDictionary(line => line[..line.LastIndexOf(' ')], line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture), StringComparer.Ordinal);
        }
        catch (Exception e) when (e is UserException or IOException or HttpRequestException)
        {
            return [];
        }
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_said)
        {
            _said.AppendLine(line.Data);
        }
    }
}
