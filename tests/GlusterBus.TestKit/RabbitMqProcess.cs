using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.TestKit;

/// <summary>A real RabbitMQ of the test's own, on loopback ports unless told otherwise and in a folder of its own. Needs the package rabbitmq-server.</summary>
public sealed class RabbitMqProcess : IAsyncDisposable
{
    private const string Programs = "/usr/lib/rabbitmq/bin";

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _environment;
    private readonly int _epmdPort;
    private readonly string _configuration;
    private readonly ServerPlace _place;
    private ServerProcess? _process;

    private RabbitMqProcess(string configuration, ServerPlace place)
    {
        _place = place;
        int[] ports = FreePorts.Take(3);
        (Port, int distributionPort, _epmdPort) = (ports[0], ports[1], ports[2]);
        _configuration = configuration;
        foreach (string name in (string[])["mnesia", "log", "home", "etc"])
        {
            Directory.CreateDirectory(_folder.File(name));
        }

        File.WriteAllText(_folder.File("etc/enabled_plugins"), "[].");
        _environment = new(StringComparer.Ordinal)
        {
            ["HOME"] = _folder.File("home"),
            ["RABBITMQ_NODENAME"] = string.Create(CultureInfo.InvariantCulture, $"gb{Port}@localhost"),
            ["RABBITMQ_NODE_IP_ADDRESS"] = place.Address,
            ["RABBITMQ_NODE_PORT"] = Port.ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_DIST_PORT"] = distributionPort.ToString(CultureInfo.InvariantCulture),
            ["ERL_EPMD_PORT"] = _epmdPort.ToString(CultureInfo.InvariantCulture),
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_MNESIA_BASE"] = _folder.File("mnesia"),
            ["RABBITMQ_LOG_BASE"] = _folder.File("log"),
            ["RABBITMQ_PID_FILE"] = _folder.File("rabbit.pid"),
            ["RABBITMQ_CONF_ENV_FILE"] = _folder.File("etc/none"),
            ["RABBITMQ_CONFIG_FILE"] = _folder.File("etc/rabbitmq"),
            ["RABBITMQ_ADVANCED_CONFIG_FILE"] = _folder.File("etc/none"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = _folder.File("etc/enabled_plugins"),
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
            ["RABBITMQ_CTL_DIST_PORT_MIN"] = (distributionPort + 10).ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_CTL_DIST_PORT_MAX"] = (distributionPort + 19).ToString(CultureInfo.InvariantCulture),
            ["LC_ALL"] = "C.UTF-8",
        };
    }

    /// <summary>Why no broker can be started here; null when one can.</summary>
    public static string? Obstacle => File.Exists($"{Programs}/rabbitmq-server") ? null : "rabbitmq-server is not installed";

    public int Port { get; }

    /// <summary>Leads to this broker as its administrator.</summary>
    public RabbitMqOptions Options => new() { Hosts = [string.Create(CultureInfo.InvariantCulture, $"{_place.Address}:{Port}")] };

    /// <summary>The broker's own log, for a test that failed.</summary>
    public string Log => string.Concat(Directory.GetFiles(_folder.File("log")).Select(File.ReadAllText));

    /// <param name="configuration">Further lines of <c>rabbitmq.conf</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static Task<RabbitMqProcess> StartAsync(CancellationToken cancellationToken, string configuration = "") => StartAsync(ServerPlace.Loopback, cancellationToken, configuration);

    /// <param name="place">Where it listens. The default administrator may come from anywhere there.</param>
    /// <param name="configuration">Further lines of <c>rabbitmq.conf</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<RabbitMqProcess> StartAsync(ServerPlace place, CancellationToken cancellationToken, string configuration = "")
    {
        var broker = new RabbitMqProcess(configuration, place);
        try
        {
            await broker.StartServerAsync(cancellationToken);
            return broker;
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the server, again after <see cref="StopServerAsync"/> or <see cref="KillServerAsync"/>, and waits until it answers.</summary>
    public async Task StartServerAsync(CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(
            _folder.File("etc/rabbitmq.conf"),
            $"disk_free_limit.absolute = 50MB\nvm_memory_high_watermark.absolute = 4GB\nlog.file.level = warning\n{(_place == ServerPlace.Loopback ? "" : "loopback_users = none")}\n{_configuration}\n",
            cancellationToken);
        string[] command = _place.Command($"{Programs}/rabbitmq-server");
        _process = ServerProcess.Start(command[0], command[1..], _folder.File("log/stdout"), _environment);
        while (!await AnswersAsync(cancellationToken))
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"rabbitmq-server ended: {Log}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>A clean shutdown.</summary>
    public Task StopServerAsync()
    {
        ServerProcess.Send(ErlangProcess, 15);
        return _process!.WaitAsync();
    }

    /// <summary>A crash.</summary>
    public Task KillServerAsync()
    {
        ServerProcess.Send(ErlangProcess, 9);
        return _process!.KillAsync();
    }

    /// <summary>Runs <c>rabbitmqctl</c> and returns what it printed.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public async Task<string> ControlAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        string[] command = _place.Command([$"{Programs}/rabbitmqctl", .. arguments]);
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in _environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        Task<string> errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"rabbitmqctl {string.Join(' ', arguments)}: {await output}{await errors}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillServerAsync();
            await _process.DisposeAsync();
        }

        // The port mapper of this server alone: it listens on a port of its own. It refuses to end until it has noticed that the server is gone.
        for (int attempt = 0; attempt < 100 && !await EndPortMapperAsync(); attempt++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        _folder.Dispose();
    }

    /// <summary>True when the port mapper has ended, or never ran.</summary>
    private async Task<bool> EndPortMapperAsync()
    {
        string[] command = _place.Command("epmd", "-port", _epmdPort.ToString(CultureInfo.InvariantCulture), "-kill");
        using Process epmd = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string said = await epmd.StandardOutput.ReadToEndAsync() + await epmd.StandardError.ReadToEndAsync();
        await epmd.WaitForExitAsync();
        return !said.Contains("not allowed", StringComparison.Ordinal);
    }

    /// <summary>The Erlang machine: the shell that started it may stand before it.</summary>
    private int ErlangProcess =>
        File.Exists(_folder.File("rabbit.pid")) && int.TryParse(File.ReadAllText(_folder.File("rabbit.pid")).Trim(), CultureInfo.InvariantCulture, out int id) ? id : _process!.Id;

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using NetworkStream stream = await _place.ConnectAsync(Port, cancellationToken);
            await stream.WriteAsync("AMQP\0\0\x09\x01"u8.ToArray(), cancellationToken);
            byte[] answer = new byte[1];
            return await stream.ReadAsync(answer, cancellationToken) == 1 && answer[0] == 1;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }
}
