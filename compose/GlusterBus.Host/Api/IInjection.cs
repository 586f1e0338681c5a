using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Router;
using GlusterBus.Router.Decisions;

namespace GlusterBus.Host.Api;

/// <summary>Where injected observations go.</summary>
public interface IInjection
{
    /// <summary>Hands a batch on and tells what became of each observation.</summary>
    Task<IReadOnlyList<EmitResult>> InjectAsync(ObservationBatch batch, CancellationToken cancellationToken);
}

/// <summary>To the router of the same process, which tells the outcome.</summary>
internal sealed class RoutedInjection(ObservationRouter router) : IInjection
{
    public async Task<IReadOnlyList<EmitResult>> InjectAsync(ObservationBatch batch, CancellationToken cancellationToken) =>
        [.. (await router.RouteAsync(batch, cancellationToken)).Select(outcome => new EmitResult(outcome.Observation, outcome.Suppression.Name(), outcome.Transition))];
}

/// <summary>To the broker: a router elsewhere decides, so all there is to tell is that it is on its way.</summary>
internal sealed class PublishedInjection(IObservationSink sink) : IInjection
{
    /// <summary>What is told of an observation that was published and is decided elsewhere.</summary>
    public const string Outcome = "sent-to-router";

    public async Task<IReadOnlyList<EmitResult>> InjectAsync(ObservationBatch batch, CancellationToken cancellationToken)
    {
        await sink.PublishAsync(batch, cancellationToken);
        return [.. batch.Observations.Select(observation => new EmitResult(observation, Outcome, null))];
    }
}
