using System.CommandLine;
using System.Diagnostics;
using GlusterBus.Host.Composition;
using GlusterBus.Host.Hosting;
using GlusterBus.Runtime.Configuration;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Host.Verbs;

/// <summary>What the verbs have in common that run until stopped: configuration, log, notification of systemd, banner, end.</summary>
internal static class RoleRun
{
    /// <summary>A verb that starts one role and waits.</summary>
    /// <param name="name">The verb.</param>
    /// <param name="description">One line.</param>
    /// <param name="examples">Command lines as one would type them.</param>
    /// <param name="start">Starts the role.</param>
    /// <param name="adapt">Completes the configuration for this role.</param>
    public static Command Verb(
        string name,
        string description,
        string[] examples,
        Func<LoadedConfiguration, TimeProvider, ILoggerFactory, CancellationToken, Task<IRoleInstance>> start,
        Func<LoadedConfiguration, LoadedConfiguration>? adapt = null)
    {
        var config = new Option<string?>("--config") { Description = "the configuration file; by default " + LoadedConfiguration.DefaultPath, HelpName = "file" };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "no banner" };
        var command = new VerbCommand(name, description, examples) { config, quiet };
        command.SetAction((parsed, cancellationToken) =>
        {
            LoadedConfiguration configuration = LoadedConfiguration.Load(parsed.GetValue(config), Environment.GetEnvironmentVariables(), PluginFactory.Catalog);
            return RunAsync(name, adapt?.Invoke(configuration) ?? configuration, start, parsed.GetValue(quiet), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        string role,
        LoadedConfiguration configuration,
        Func<LoadedConfiguration, TimeProvider, ILoggerFactory, CancellationToken, Task<IRoleInstance>> start,
        bool isQuiet,
        CancellationToken stop)
    {
        TimeProvider clock = TimeProvider.System;
        SystemdNotifier systemd = SystemdNotifier.FromEnvironment();
        using ILoggerFactory loggers = StandardErrorLoggers.Create(configuration.Options.Log.Level, clock);
        using IDisposable? traces = configuration.Options.Telemetry.OtlpEndpoint is null ? null : TraceExport.Start(configuration.Options.Telemetry, role);
        await using IRoleInstance instance = await start(configuration, clock, loggers, stop);
        systemd.Send($"READY=1\nSTATUS=running as {instance.NodeName}");
        if (!isQuiet)
        {
            Console.Error.WriteLine(Banner(configuration, instance));
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task alive = systemd.KeepAliveAsync(() => !instance.Completion.IsCompleted, clock, ended.Token);
        await Task.WhenAny(instance.Completion, Task.Delay(Timeout.InfiniteTimeSpan, clock, stop));
        systemd.Send("STOPPING=1");
        await ended.CancelAsync();
        await alive;
        return stop.IsCancellationRequested
            ? ExitCode.Success
            : throw new UserException($"it stopped: {instance.Completion.Exception?.GetBaseException().Message ?? "a part ended by itself"}");
    }

    private static string Banner(LoadedConfiguration configuration, IRoleInstance instance)
    {
        TimeSpan began = TimeProvider.System.GetUtcNow() - new DateTimeOffset(Process.GetCurrentProcess().StartTime);
        return string.Join('\n',
        [
            $"glusterbus {VersionVerb.Number}: cluster {configuration.Options.Cluster}, node {instance.NodeName}, up after {began.TotalMilliseconds:F0} ms",
            Line("configuration", configuration.Source),
            .. instance.About.Select(about => Line(about.Name, about.Value)),
            .. instance.Api.DashboardEndPoint is { } dashboard ? [Line("dashboard", $"http://{dashboard}/")] : Array.Empty<string>(),
            Line("api", $"{instance.Api.Socket}{(instance.Api.TcpEndPoint is { } tcp ? $", http://{tcp}" : "")}"),
        ]);

        static string Line(string name, string value) => $"  {name,-14} {value}";
    }
}
