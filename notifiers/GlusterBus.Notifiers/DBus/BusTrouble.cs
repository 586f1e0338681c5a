using GlusterBus.Notifiers.DBus.Wire;

namespace GlusterBus.Notifiers.DBus;

/// <summary>What a failure means to the person on duty, and what to type. Pure.</summary>
internal static class BusTrouble
{
    /// <param name="failure">What was thrown.</param>
    /// <param name="bus">The bus as configured.</param>
    public static string Text(Exception failure, string bus) => failure switch
    {
        DllNotFoundException => "libsystemd.so.0 is missing: `apt-get install libsystemd0`, or systemd-libs where packages are rpm",
        BusException { Call: nameof(SdBus.RequestName), Number: BusException.Exists } =>
            $"{DBusNotifier.Name} belongs to another program on the bus: `busctl status {DBusNotifier.Name}` names it",
        BusException { Call: nameof(SdBus.RequestName), Number: BusException.NoPermission or BusException.AccessDenied } =>
            $"the bus does not let this user own {DBusNotifier.Name}: {InstallPolicy}",
        BusException { Number: BusException.NoAddress } when bus == "session" => "there is no session bus here: set DBUS_SESSION_BUS_ADDRESS, or bus to system",
        BusException { Number: BusException.NoFile or BusException.Refused } when bus == "system" => "there is no system bus: `systemctl start dbus`",
        BusException { Number: BusException.NoFile or BusException.Refused } => $"there is no bus at {bus}",
        BusException { IsLoss: true } => $"the bus {bus} closed the connection",
        _ => failure.Message,
    };

    /// <summary>How the policy gets to where the system bus reads it.</summary>
    public const string InstallPolicy = "`cp compose/dbus/org.glusterbus.conf /etc/dbus-1/system.d/ && systemctl reload dbus`";
}
