using System.Diagnostics;
using System.Globalization;
using GlusterBus.Host.Api;
using GlusterBus.TestKit;

namespace GlusterBus.Benchmarks;

/// <summary>One role of the built program, as a process of its own.</summary>
internal sealed class RoleProcess : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Process _process;

    private RoleProcess(string verb, string node, string cluster, RabbitMqProcess broker, RedisProcess redis, int partitions, string more)
    {
        string file = _folder.File("glusterbus.json");
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $$"""
            {
              {{more}}
              "cluster": "{{cluster}}", "node": "{{node}}", "dataDirectory": "{{_folder.Path}}", "api": { "socket": "{{_folder.Path}}/api.sock" },
              "rabbitMq": { "hosts": ["127.0.0.1:{{broker.Port}}"], "partitions": {{partitions}} },
              "redis": { "hosts": ["127.0.0.1:{{redis.Port}}"] }
            }
            """));
        string[] command = BuiltProgram.Command(verb, "--quiet", "--config", file);
        _process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
        _process.ErrorDataReceived += static (_, line) =>
        {
            if (line.Data?.Contains(" info ", StringComparison.Ordinal) == false)
            {
                Console.Error.WriteLine(line.Data);
            }
        };
        _process.BeginErrorReadLine();
    }

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Resident memory, in bytes.</summary>
    public long Resident
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public static RoleProcess Start(string verb, string node, string cluster, RabbitMqProcess broker, RedisProcess redis, int partitions = 1, string more = "") =>
        new(verb, node, cluster, broker, redis, partitions, more);

    /// <summary>The sum of a metric over its labels; 0 when it is not there yet.</summary>
    public async Task<double> MetricAsync(string metric)
    {
        try
        {
            using var client = new InstanceClient(new InstanceAddress(_folder.File("api.sock"), null, null));
            double sum = 0;
            await foreach (string line in client.LinesAsync("metrics", null, CancellationToken.None))
            {
                if (line.StartsWith(metric, StringComparison.Ordinal) && line[metric.Length] is ' ' or '{')
                {
                    sum += double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
                }
            }

            return sum;
        }
        catch (Exception e) when (e is Host.Hosting.UserException or IOException or HttpRequestException)
        {
            return 0;
        }
    }

    public async Task UntilAsync(string metric, double atLeast)
    {
        while (await MetricAsync(metric) < atLeast)
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"the role ended with {_process.ExitCode}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Dispose();
    }
}
