using System.Diagnostics;
using System.Net;

namespace GlusterBus.TestKit;

/// <summary>A real GlusterFS cluster on this machine: each node in namespaces of its own (<c>tests/lab/cluster.sh</c>). Needs root.</summary>
public sealed class LabCluster : IAsyncDisposable
{
    private readonly string _script;
    private readonly Dictionary<string, string> _environment;

    private LabCluster(string script, string folder, int number)
    {
        _script = script;
        Folder = folder;
        Prefix = $"t{number}n";
        string network = $"10.{70 + (number % 20)}.{number % 250}";
        Switch = new ServerPlace(network + ".254", Prefix + "sw");
        _environment = new() { ["GL_ROOT"] = folder, ["GL_PREFIX"] = Prefix, ["GL_NET"] = network };
    }

    public string Folder { get; }

    /// <summary>Node names are this and a number from 1.</summary>
    public string Prefix { get; }

    /// <summary>The machine beside the nodes, which they all reach: for a broker, say.</summary>
    public ServerPlace Switch { get; }

    /// <summary>Why no cluster can be had here; null when one can.</summary>
    public static string? Obstacle() =>
        Environment.UserName != "root" ? "a real cluster in namespaces needs root"
        : !File.Exists("/usr/sbin/glusterd") ? "glusterfs-server is not installed"
        : null;

    public string Node(int number) => Prefix + number;

    public static async Task<LabCluster> StartAsync(int nodes, CancellationToken cancellationToken)
    {
        string script = Path.Combine(AppContext.BaseDirectory, "lab", "cluster.sh");
        var cluster = new LabCluster(script, Directory.CreateTempSubdirectory("glusterbus-lab-").FullName, Environment.ProcessId % 200);
        await cluster.RunAsync(["up", nodes.ToString(System.Globalization.CultureInfo.InvariantCulture)], cancellationToken);
        return cluster;
    }

    /// <summary>Runs one of the script's commands and returns what it printed.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message holds its output.</exception>
    public async Task<string> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        using Process process = Start(arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        Task<string> errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        string text = await output + await errors;
        return process.ExitCode == 0 ? text : throw new InvalidOperationException($"cluster.sh {string.Join(' ', arguments)}: {text}");
    }

    /// <summary>Runs a gluster command on a node.</summary>
    public Task<string> GlusterAsync(int node, string command, CancellationToken cancellationToken) =>
        RunAsync(["exec", Node(node), "gluster", "--mode=script", .. command.Split(' ')], cancellationToken);

    /// <summary>Plugs this machine into the cluster's network, so that servers outside are reached from the nodes; returns its address there.</summary>
    public async Task<IPAddress> PlugInAsync(CancellationToken cancellationToken)
    {
        string address = _environment["GL_NET"] + ".253";
        string cable = Prefix + "up";
        string script = $"""
            set -e
            ip link add {cable} type veth peer name host0 netns {Prefix}sw
            ip -n {Prefix}sw link set host0 master br0 up
            ip addr add {address}/24 dev {cable}
            ip link set {cable} up
            """;

        // It goes with the namespace that its other end is in.
        using Process process = Process.Start(new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardError = true })!;
        string errors = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 ? IPAddress.Parse(address) : throw new InvalidOperationException($"plugging in: {errors}");
    }

    /// <summary>Starts a program inside a node's namespaces and leaves it running.</summary>
    public Process StartOn(int node, params string[] command) => Start(["exec", Node(node), .. command]);

    /// <summary>Starts a program beside the nodes, at <see cref="Switch"/>, and leaves it running.</summary>
    public Process StartBeside(params string[] command) => Start(["host", .. command]);

    public async ValueTask DisposeAsync() => await RunAsync(["down", "--purge"], CancellationToken.None);

    private Process Start(IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo("bash") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(_script);
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach ((string name, string value) in _environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
