using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Host.Composition;
using GlusterBus.Host.Hosting;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Runtime.Configuration;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Host.Verbs;

/// <summary>Where a replay goes.</summary>
internal interface IReplayTarget : IAsyncDisposable
{
    Task SendAsync(Transition transition, CancellationToken cancellationToken);

    /// <summary>Waits for what is under way, tells what was done, and the exit code.</summary>
    Task<int> FinishAsync();
}

/// <summary>Delivers a replay through a notifier of the configuration, in this process, with its filter.</summary>
internal sealed class NotifierTarget(ConfiguredPlugin plugin, INotifier notifier, ILoggerFactory loggers) : IReplayTarget
{
    private const int Attempts = 5;

    private int _delivered;
    private int _filtered;
    private int _failed;

    /// <exception cref="UserException">The configuration has no such notifier.</exception>
    public static NotifierTarget Create(string name, string? config)
    {
        LoadedConfiguration configuration = LoadedConfiguration.Load(config, Environment.GetEnvironmentVariables(), PluginFactory.Catalog);
        ConfiguredPlugin plugin = configuration.Notifiers.FirstOrDefault(n => n.Name == name) ?? throw new UserException(
            $"there is no notifier '{name}' in {configuration.Source}; there are: {(configuration.Notifiers.Count == 0 ? "none" : string.Join(", ", configuration.Notifiers.Select(n => n.Name)))}",
            ExitCode.Usage);
        ILoggerFactory loggers = StandardErrorLoggers.Create(configuration.Options.Log.Level, TimeProvider.System);
        return new NotifierTarget(plugin, new PluginFactory(TimeProvider.System, loggers).Notifier(plugin), loggers);
    }

    public async Task SendAsync(Transition transition, CancellationToken cancellationToken)
    {
        if (!plugin.Filter.Matches(transition))
        {
            _filtered++;
            return;
        }

        byte[] json = TransitionJson.Write(transition);
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await notifier.NotifyAsync(new Delivery(transition, json, attempt), cancellationToken);
                _delivered++;
                return;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                if (e is DeliveryRejectedException || attempt == Attempts)
                {
                    _failed++;
                    await Console.Error.WriteLineAsync($"glusterbus: {transition.Id} was not delivered: {e.Message.ReplaceLineEndings(" ")}");
                    return;
                }

                await Task.Delay(DeliveryPolicy.Backoff(attempt, chance: 0), TimeProvider.System, cancellationToken);
            }
        }

    }

    public async Task<int> FinishAsync()
    {
        await Console.Error.WriteLineAsync($"{plugin.Name}: {_delivered} delivered, {_filtered} filtered out, {_failed} failed");
        return _failed == 0 ? ExitCode.Success : ExitCode.Failure;
    }

    public async ValueTask DisposeAsync()
    {
        if (notifier is IAsyncDisposable slow)
        {
            await slow.DisposeAsync();
        }
        else
        {
            (notifier as IDisposable)?.Dispose();
        }

        loggers.Dispose();
    }
}
