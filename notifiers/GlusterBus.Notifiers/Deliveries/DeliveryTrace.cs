using System.Diagnostics;
using GlusterBus.Runtime.Telemetry;

namespace GlusterBus.Notifiers.Deliveries;

/// <summary>The last span of a transition's trace: one attempt to deliver it.</summary>
internal static class DeliveryTrace
{
    /// <summary>Null when nobody traces, or when the transition came without a trace.</summary>
    public static Activity? Start(string notifier, Pending pending, int attempt)
    {
        Activity? activity = TraceContext.Continue("deliver", ActivityKind.Consumer, pending.TraceParent);
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("glusterbus.notifier", notifier).SetTag("glusterbus.transition", pending.Transition.Id).SetTag("glusterbus.attempt", attempt);
        }

        return activity;
    }
}
