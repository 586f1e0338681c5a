using System.ComponentModel.DataAnnotations;
using GlusterBus.Runtime.DBus;

namespace GlusterBus.Notifiers.DBus;

/// <summary>On which bus the cluster is shown.</summary>
public sealed record DBusOptions
{
    /// <summary><c>system</c>, <c>session</c> (the one in <c>DBUS_SESSION_BUS_ADDRESS</c>) or an address such as
    /// <c>unix:path=/run/other/bus</c>. The default is <c>system</c>.</summary>
    [RegularExpression(BusAddress.Pattern, ErrorMessage = BusAddress.Advice)]
    public string Bus { get; init; } = "system";

    /// <summary>The node whose glusterd is <c>/org/glusterbus/glusterd</c>, by the name that Gluster has for it. The default is this machine's
    /// name; where the cluster has no node of that name, its only node.</summary>
    public string? Node { get; init; }

    /// <summary>How often the objects are compared with the state table, 1 second to 1 hour: some changes, such as those of a healthy brick, are
    /// no news and come by no transition. The default is 15 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Refresh { get; init; } = TimeSpan.FromSeconds(15);
}
