using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.TestKit;

/// <summary>A real Redis of the test's own, on a loopback port unless told otherwise and in a folder of its own. Needs the package redis-server.</summary>
public sealed class RedisProcess : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string[] _arguments;
    private readonly ServerPlace _place;
    private ServerProcess? _process;

    private RedisProcess(ServerPlace place, string[] arguments)
    {
        _place = place;
        Port = FreePorts.Take(1)[0];
        _arguments = arguments;
    }

    /// <summary>Why no Redis can be started here; null when one can.</summary>
    public static string? Obstacle => File.Exists("/usr/bin/redis-server") ? null : "redis-server is not installed";

    public int Port { get; }

    /// <summary>Leads to this server.</summary>
    public RedisOptions Options => new() { Hosts = [string.Create(CultureInfo.InvariantCulture, $"{_place.Address}:{Port}")] };

    public ServerProcess Process => _process!;

    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="arguments">Further arguments, such as <c>--appendonly yes</c>. By default nothing is kept on disk.</param>
    public static Task<RedisProcess> StartAsync(CancellationToken cancellationToken, params string[] arguments) => StartAsync(ServerPlace.Loopback, cancellationToken, arguments);

    /// <param name="place">Where it listens.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="arguments">Further arguments.</param>
    public static async Task<RedisProcess> StartAsync(ServerPlace place, CancellationToken cancellationToken, params string[] arguments)
    {
        var redis = new RedisProcess(place, arguments);
        try
        {
            await redis.StartServerAsync(cancellationToken);
            return redis;
        }
        catch
        {
            await redis.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the server, again after its process was ended, and waits until it answers.</summary>
    public async Task StartServerAsync(CancellationToken cancellationToken)
    {
        string port = Port.ToString(CultureInfo.InvariantCulture);
        string[] command = _place.Command(["/usr/bin/redis-server", "--port", port, "--bind", _place.Address, "--protected-mode", "no", "--dir", _folder.Path, "--save", "", .. _arguments]);
        _process = ServerProcess.Start(command[0], command[1..], _folder.File("output"));
        while (!await AnswersAsync(cancellationToken))
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"redis-server ended: {await File.ReadAllTextAsync(_folder.File("output"), cancellationToken)}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Runs <c>redis-cli</c> and returns what it printed.</summary>
    public Task<string> ControlAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) => ControlAsync(Port, arguments, cancellationToken);

    /// <summary>Waits until a replica has confirmed everything that was written before the call: what no replica has is lost with its master, by Redis's own rules.</summary>
    public async Task ReplicatedAsync(CancellationToken cancellationToken)
    {
        long written = Offset(await ControlAsync(["INFO", "replication"], cancellationToken), "master_repl_offset:");
        while (Offset(await ControlAsync(["INFO", "replication"], cancellationToken), "state=online,offset=") < written)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Runs <c>redis-cli</c> against a server on this port and returns what it printed.</summary>
    public static async Task<string> ControlAsync(int port, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        using Process process = System.Diagnostics.Process.Start(
            new ProcessStartInfo("/usr/bin/redis-cli", ["-p", port.ToString(CultureInfo.InvariantCulture), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return output.TrimEnd();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _folder.Dispose();
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using NetworkStream stream = await _place.ConnectAsync(Port, cancellationToken);
            await stream.WriteAsync("PING\r\n"u8.ToArray(), cancellationToken);
            byte[] answer = new byte[16];
            int read = await stream.ReadAsync(answer, cancellationToken);
            return read > 0 && answer[0] is (byte)'+' or (byte)'-' && !answer.AsSpan(0, read).StartsWith("-LOADING"u8);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }

    /// <summary>The number after a word; -1 where the word does not occur.</summary>
    private static long Offset(string info, string word)
    {
        int at = info.IndexOf(word, StringComparison.Ordinal);
        return at < 0 ? -1 : long.Parse(new string([.. info[(at + word.Length)..].TakeWhile(char.IsAsciiDigit)]), CultureInfo.InvariantCulture);
    }
}
