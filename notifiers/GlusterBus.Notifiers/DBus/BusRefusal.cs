using GlusterBus.Runtime.DBus;
using Tmds.DBus.Protocol;

namespace GlusterBus.Notifiers.DBus;

/// <summary>What a failure means to the person on duty, and what to type. Pure.</summary>
internal static class BusRefusal
{
    /// <summary>How the policy gets to where the system bus reads it.</summary>
    public const string InstallPolicy = "`cp compose/dbus/org.glusterbus.conf /etc/dbus-1/system.d/ && systemctl reload dbus`";

    /// <param name="failure">What was thrown.</param>
    /// <param name="bus">The bus as configured.</param>
    public static string Text(Exception failure, string bus) => failure switch
    {
        DBusErrorReplyException { ErrorName: "org.freedesktop.DBus.Error.NameExists" } =>
            $"{DBusNotifier.Name} belongs to another program on the bus: `busctl status {DBusNotifier.Name}` names it",
        DBusErrorReplyException { ErrorName: "org.freedesktop.DBus.Error.AccessDenied" } =>
            $"the bus does not let this user own {DBusNotifier.Name}: {InstallPolicy}",
        _ => BusTrouble.Text(failure, bus),
    };
}
