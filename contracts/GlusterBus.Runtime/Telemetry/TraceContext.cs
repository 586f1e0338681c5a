using System.Diagnostics;

namespace GlusterBus.Runtime.Telemetry;

/// <summary>How a tier goes on with the trace that a message belongs to. Traces begin where something is collected and nowhere else: what comes without one
/// stays without.</summary>
public static class TraceContext
{
    /// <summary>Begins the next span of a trace. Null, and nothing is allocated, when there is no trace or nobody listens.</summary>
    /// <param name="name">What is done.</param>
    /// <param name="kind">Producer or consumer of a message.</param>
    /// <param name="traceParent">The span before; null when there is none.</param>
    public static Activity? Continue(string name, ActivityKind kind, string? traceParent) =>
        traceParent is not null && Telemetry.Activities.HasListeners() && ActivityContext.TryParse(traceParent, traceState: null, isRemote: true, out ActivityContext parent)
            ? Telemetry.Activities.StartActivity(name, kind, parent)
            : null;

    /// <summary>What whoever comes next goes on with: this span, or the one before where this tier does not trace.</summary>
    public static string? Next(Activity? activity, string? traceParent) => activity is { IsAllDataRequested: true } ? activity.Id : traceParent;
}
