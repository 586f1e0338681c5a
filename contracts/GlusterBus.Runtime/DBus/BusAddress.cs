namespace GlusterBus.Runtime.DBus;

/// <summary>What a message bus is called in a configuration, and where it is. Pure.</summary>
public static class BusAddress
{
    /// <summary>What an option that names a bus may be.</summary>
    public const string Pattern = "^(system|session|unix:.+)$";

    /// <summary>What to type where it is something else.</summary>
    public const string Advice = "bus must be system, session or an address such as unix:path=/run/other/bus";

    private const string SystemBus = "unix:path=/run/dbus/system_bus_socket";

    /// <summary>The address, found as systemd finds it; null when there is no session bus.</summary>
    /// <param name="bus"><c>system</c>, <c>session</c> or an address.</param>
    /// <param name="variable">Reads a variable of the environment.</param>
    public static string? Of(string bus, Func<string, string?> variable) => bus switch
    {
        "system" => variable("DBUS_SYSTEM_BUS_ADDRESS") is { Length: > 0 } told ? told : SystemBus,
        "session" => variable("DBUS_SESSION_BUS_ADDRESS") is { Length: > 0 } told ? told
            : variable("XDG_RUNTIME_DIR") is { Length: > 0 } folder ? $"unix:path={folder}/bus"
            : null,
        _ => bus,
    };
}
