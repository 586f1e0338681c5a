using GlusterBus.Pipeline.Tests.Deployment;
using GlusterBus.Pipeline.Tests.Verbs;

namespace GlusterBus.Pipeline.Tests.NodeProgram;

/// <summary>The program for Gluster nodes, built by the command of docs/install.md where it is not up to date.</summary>
public sealed class NodeProgramBuild : IAsyncLifetime
{
    private static readonly Dictionary<string, string?> Environment = new() { ["NOTIFY_SOCKET"] = null, ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1", ["DOTNET_NOLOGO"] = "1" };

    /// <summary>The executable.</summary>
    public static string Path { get; } = System.IO.Path.Combine(Deployed.Source, "artifacts", "node", "glusterbus");

    /// <summary>Why it can't be built here; null when it can.</summary>
    public static string? Obstacle { get; } = File.Exists("/usr/bin/gcc") || File.Exists("/usr/bin/clang") ? null : "gcc links the program for Gluster nodes: apt-get install gcc libc6-dev";

    public async ValueTask InitializeAsync()
    {
        if (Obstacle is null)
        {
            (int code, string output) = await Deployed.RunAsync("/bin/sh", [System.IO.Path.Combine(Deployed.Source, "compose", "node-program.sh")]);
            code.ShouldBe(0, output);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Runs it to its end.</summary>
    internal static Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) => Executable.RunCommandAsync(Environment, [Path, .. arguments]);
}
