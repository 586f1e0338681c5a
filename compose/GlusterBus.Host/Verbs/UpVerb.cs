using System.CommandLine;
using System.Diagnostics;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Host.Composition;
using GlusterBus.Host.Hosting;
using GlusterBus.Runtime.Configuration;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Host.Verbs;

/// <summary><c>glusterbus up</c>: everything on this node.</summary>
internal sealed class UpVerb : IVerb
{
    public static Command Build()
    {
        var config = new Option<string?>("--config") { Description = "the configuration file; by default " + LoadedConfiguration.DefaultPath, HelpName = "file" };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "no banner" };
        var command = new VerbCommand("up", "Run collectors, router and notifiers on this node until stopped",
            "glusterbus up",
            "glusterbus up --config ./glusterbus.json",
            "GLUSTERBUS__DATADIRECTORY=/tmp/gb GLUSTERBUS__API__SOCKET=/tmp/gb/api.sock glusterbus up")
        { config, quiet };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(config), parsed.GetValue(quiet), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string? file, bool isQuiet, CancellationToken stop)
    {
        LoadedConfiguration configuration = WithConsole(LoadedConfiguration.Load(file, Environment.GetEnvironmentVariables(), PluginFactory.Catalog));
        TimeProvider clock = TimeProvider.System;
        SystemdNotifier systemd = SystemdNotifier.FromEnvironment();
        using ILoggerFactory loggers = StandardErrorLoggers.Create(configuration.Options.Log.Level, clock);
        await using Instance instance = await Instance.StartAsync(configuration, clock, loggers, stop);
        systemd.Send($"READY=1\nSTATUS=watching as {instance.NodeName}");
        if (!isQuiet)
        {
            Console.Error.WriteLine(Banner(configuration, instance));
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task alive = systemd.KeepAliveAsync(() => !instance.Pipeline.Router.Completion.IsCompleted, clock, ended.Token);
        Task broken = instance.Pipeline.Completion;
        await Task.WhenAny(broken, Task.Delay(Timeout.InfiniteTimeSpan, clock, stop));
        systemd.Send("STOPPING=1");
        await ended.CancelAsync();
        await alive;
        return stop.IsCancellationRequested
            ? ExitCode.Success
            : throw new UserException($"the pipeline stopped: {broken.Exception?.GetBaseException().Message ?? "a part ended by itself"}");
    }

    /// <summary>Shows transitions where somebody looks, a terminal or the journal, unless the configuration says something of the console itself.</summary>
    private static LoadedConfiguration WithConsole(LoadedConfiguration configuration)
    {
        const string console = "console";
        bool isSeen = !Console.IsOutputRedirected || Environment.GetEnvironmentVariable("JOURNAL_STREAM") is not null;
        bool isMentioned = configuration.Options.Notifiers.Any(n => n.Key == console || (string?)n.Value["plugin"] == console);
        return isSeen && !isMentioned && PluginFactory.Catalog.Find(console) is { } plugin
            ? configuration with
            {
                Notifiers = [.. configuration.Notifiers, new ConfiguredPlugin(console, plugin, Activator.CreateInstance(plugin.Spec.OptionsType)!, TransitionFilter.All, "notifiers." + console)],
            }
            : configuration;
    }

    private static string Banner(LoadedConfiguration configuration, Instance instance)
    {
        TimeSpan began = TimeProvider.System.GetUtcNow() - new DateTimeOffset(Process.GetCurrentProcess().StartTime);
        return $"""
            glusterbus {VersionVerb.Number}: cluster {configuration.Options.Cluster}, node {instance.NodeName}, up after {began.TotalMilliseconds:F0} ms
              configuration  {configuration.Source}
              collectors     {Names(configuration.Collectors)}
              notifiers      {Names(configuration.Notifiers)}
              data           {configuration.Options.DataDirectory}
              api            {configuration.Options.Api.Socket}{(instance.Api.TcpEndPoint is { } tcp ? $", http://{tcp}" : "")}
            """;
    }

    private static string Names(IReadOnlyList<ConfiguredPlugin> plugins) =>
        plugins.Count == 0 ? "none" : string.Join(", ", plugins.Select(p => p.Name == p.Plugin.Spec.Name ? p.Name : $"{p.Name} ({p.Plugin.Spec.Name})"));
}
