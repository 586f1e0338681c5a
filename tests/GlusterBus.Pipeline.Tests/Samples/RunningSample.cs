using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Samples;

/// <summary>One of the samples, started as its users start it, in a process group of its own.</summary>
internal sealed class RunningSample : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly List<string> _errors = [];
    private readonly Task _reading;

    private RunningSample(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(ReadOutputAsync(), ReadErrorsAsync());
    }

    /// <summary>The folders of <c>samples/</c>.</summary>
    public static string[] Languages => ["python", "amqp-tools", "csharp"];

    public static RunningSample Start(string language, TemporaryFolder folder, int port, string exchange, string key, string? queue)
    {
        string samples = Path.Combine(AppContext.BaseDirectory, "samples");
        string[] program = language switch
        {
            // Debian's own interpreter: the packages of Debian are there.
            "python" => ["/usr/bin/python3", Path.Combine(samples, "python", "consumer.py")],
            "amqp-tools" => [Path.Combine(samples, "amqp-tools", "consumer.sh")],
            _ => ["dotnet", Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../GlusterBus.Sample", new DirectoryInfo(AppContext.BaseDirectory).Name, "GlusterBus.Sample.dll"))],
        };
        string authentication = folder.File("authentication");
        File.WriteAllText(authentication, $"username:{SampleBroker.Account}\npassword:{SampleBroker.Password}\n");
        string address = string.Create(CultureInfo.InvariantCulture, $"amqp://{SampleBroker.Account}:{SampleBroker.Password}@127.0.0.1:{port}/%2F");
        string[] arguments = queue is null ? [exchange, key] : [exchange, key, queue];
        var start = new ProcessStartInfo("setsid", [.. program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder.Path };
        start.Environment["AMQP_URL"] = address;
        start.Environment["AMQP_OPTIONS"] = string.Create(CultureInfo.InvariantCulture, $"--server=127.0.0.1 --port={port} --authfile={authentication}");
        start.Environment["HOME"] = folder.Path;
        return new RunningSample(Process.Start(start)!);
    }

    /// <summary>What it wrote to standard error.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return string.Join('\n', _errors);
            }
        }
    }

    /// <summary>Its next line, without the time and the severity: <c>id change</c>.</summary>
    public async Task<string> NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            string line = await _lines.Reader.ReadAsync(cancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, cancellationToken);
            return line[(line.IndexOf(' ', line.IndexOf(' ') + 1) + 1)..];
        }
        catch (Exception e) when (e is ChannelClosedException or TimeoutException)
        {
            throw new InvalidOperationException($"it printed nothing more, and said: {Errors}", e);
        }
    }

    /// <summary>Waits for a text on standard error.</summary>
    public async Task UntilErrorAsync(string text, CancellationToken cancellationToken)
    {
        while (!Errors.Contains(text, StringComparison.Ordinal))
        {
            _process.HasExited.ShouldBeFalse(Errors);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Ends it and all it started, as a crash does.</summary>
    public async Task KillAsync()
    {
        ServerProcess.Send(-_process.Id, 9);
        await _process.WaitForExitAsync();
        await _reading;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private async Task ReadOutputAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            _lines.Writer.TryWrite(line);
        }

        _lines.Writer.Complete();
    }

    private async Task ReadErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            lock (_errors)
            {
                _errors.Add(line);
            }
        }
    }
}
