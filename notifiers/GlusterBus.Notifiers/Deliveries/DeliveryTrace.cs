using System.Diagnostics;
using GlusterBus.Runtime.Telemetry;

namespace GlusterBus.Notifiers.Deliveries;

/// <summary>The last span of a transition's trace: one attempt to deliver it.</summary>
internal static class DeliveryTrace
{
    /// <summary>Null when nobody traces, or when this trace is not sampled.</summary>
    public static Activity? Start(string notifier, Pending pending, int attempt)
    {
        if (!Telemetry.Activities.HasListeners())
        {
            return null;
        }

        ActivityContext.TryParse(pending.Archived.TraceParent, traceState: null, isRemote: true, out ActivityContext parent);
        Activity? activity = Telemetry.Activities.StartActivity("deliver", ActivityKind.Consumer, parent);
        activity?.SetTag("glusterbus.notifier", notifier).SetTag("glusterbus.transition", pending.Transition.Id).SetTag("glusterbus.attempt", attempt);
        return activity;
    }
}
