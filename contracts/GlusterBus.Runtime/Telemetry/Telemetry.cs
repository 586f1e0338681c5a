using System.Diagnostics.Metrics;

namespace GlusterBus.Runtime.Telemetry;

/// <summary>The one meter of GlusterBus. Names read <c>glusterbus_&lt;noun&gt;_&lt;unit&gt;_total</c>; labels come from closed sets.</summary>
public static class Telemetry
{
    public static readonly Meter Meter = new("GlusterBus");
}
