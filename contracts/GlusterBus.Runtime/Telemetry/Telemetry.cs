using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace GlusterBus.Runtime.Telemetry;

/// <summary>The one meter of GlusterBus and its one source of traces. Names of metrics read <c>glusterbus_&lt;noun&gt;_&lt;unit&gt;_total</c>; labels come from closed sets.</summary>
public static class Telemetry
{
    public static readonly Meter Meter = new("GlusterBus");

    /// <summary>Costs nothing as long as nobody listens.</summary>
    public static readonly ActivitySource Activities = new("GlusterBus");
}
