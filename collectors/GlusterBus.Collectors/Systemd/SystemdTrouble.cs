using GlusterBus.Runtime.DBus;
using Tmds.DBus.Protocol;

namespace GlusterBus.Collectors.Systemd;

/// <summary>What a failure means to the person on duty. Pure.</summary>
internal static class SystemdTrouble
{
    private const string Error = "org.freedesktop.DBus.Error.";

    /// <param name="failure">One that <see cref="BusTrouble.Is"/> knows.</param>
    /// <param name="bus">The bus as configured.</param>
    public static string Text(Exception failure, string bus) => failure switch
    {
        // The bus tries to start a program for a name that nobody has, and systemd's is none that it could start.
        DBusErrorReplyException refusal when IsAbsence(refusal.ErrorName) => $"there is no systemd on the bus {bus}",
        DBusConnectionClosedException { Message: SystemdConnection.Left } => $"systemd left the bus {bus}",
        _ => BusTrouble.Text(failure, bus),
    };

    private static bool IsAbsence(string error) =>
        error is Error + "ServiceUnknown" or Error + "NameHasNoOwner" || error.StartsWith(Error + "Spawn.", StringComparison.Ordinal);
}
