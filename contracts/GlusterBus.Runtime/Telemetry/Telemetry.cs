using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace GlusterBus.Runtime.Telemetry;

/// <summary>The one meter and the one source of activities of GlusterBus. Instruments read <c>glusterbus_&lt;noun&gt;_&lt;unit&gt;_total</c>; labels come from
/// closed sets.</summary>
public static class Telemetry
{
    /// <summary>The name of the meter and of the source of activities.</summary>
    public const string Name = "GlusterBus";

    /// <summary>The header of a message that carries the W3C trace context.</summary>
    public const string TraceParentHeader = "traceparent";

    public static readonly Meter Meter = new(Name);

    /// <summary>Costs nothing while nobody listens.</summary>
    public static readonly ActivitySource Activities = new(Name);
}
