using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Verbs;

/// <summary>Folders, a configuration and an environment of its own for child processes; no collectors, so that it runs anywhere.</summary>
internal sealed class Sandbox : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public Sandbox(string more = "")
    {
        File.WriteAllText(Config, $$"""
            {
              // for the tests
              "node": "gl1",
              "dataDirectory": "{{_folder.File("data")}}",
              "gluster": { "command": "/bin/false" },
              "api": { "socket": "{{_folder.File("api.sock")}}" },
              "collectors": { "logs": { "enabled": false }, "gf_event": { "enabled": false }, "get_state": { "enabled": false } },
              {{more}}
            }
            """);
    }

    public string Config => _folder.File("glusterbus.json");

    public Dictionary<string, string?> Environment { get; } = new() { ["NOTIFY_SOCKET"] = null, ["JOURNAL_STREAM"] = null, ["WATCHDOG_USEC"] = null, ["TZ"] = "UTC" };

    public string FileAt(string name) => _folder.File(name);

    public Executable Start(params string[] arguments) => Executable.Start(Environment, [.. arguments, "--config", Config]);

    public Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) => Executable.RunAsync(Environment, [.. arguments, "--config", Config]);

    /// <summary>Starts <c>up</c> and waits until it answers.</summary>
    public async Task<Executable> UpAsync()
    {
        Executable up = Start("up");
        await up.UntilErrorAsync("  api            ");
        return up;
    }

    public void Dispose() => _folder.Dispose();
}
