using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;

namespace GlusterBus.Host.Demo.Pipelines;

/// <summary>What is under the stage: takes what the simulated nodes' collectors observe, and brings back the transitions.</summary>
internal interface IDemoPipeline : IAsyncDisposable
{
    /// <summary>True when one process sees what all nodes tell; false when each node has a line to the broker of its own.</summary>
    bool IsEmbedded { get; }

    /// <summary>The dashboard's address; null when it is not served.</summary>
    string? Dashboard { get; }

    /// <summary>Ends only when something broke that can't be mended.</summary>
    Task Completion { get; }

    /// <summary>Opens a node's line. Disposing it is the node's loss of power.</summary>
    NodeLine Connect(NodeContext node);

    /// <summary>The counters so far: observations, transitions, and what was suppressed by reason as far as it is known here.</summary>
    (long Seen, long Published, IReadOnlyDictionary<string, long> Suppressed) Count();

    /// <summary>True when a transition belongs to the story, false when the deployment tells it of itself.</summary>
    bool IsOfTheStory(Transition transition);
}

/// <summary>Where the collectors of one node publish.</summary>
/// <param name="Sink">Takes their batches.</param>
/// <param name="Running">Ends with the node.</param>
internal sealed record NodeLine(IObservationSink Sink, IAsyncDisposable? Running = null) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Running?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>What a pipeline tells the demo.</summary>
/// <param name="Observed">An observation and what became of it. Must return at once.</param>
/// <param name="Receiver">Where transitions arrive.</param>
internal sealed record DemoEnds(Action<Observation, string> Observed, DemoNotifier Receiver);
