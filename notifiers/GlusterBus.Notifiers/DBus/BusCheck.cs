using GlusterBus.Contracts.Plugins;
using GlusterBus.Runtime.DBus;
using Tmds.DBus.Protocol;

namespace GlusterBus.Notifiers.DBus;

/// <summary>Looks whether the bus is there and would give the name, and takes nothing.</summary>
internal static class BusCheck
{
    private static readonly string[] PolicyFolders = ["/etc/dbus-1/system.d", "/usr/share/dbus-1/system.d", "/usr/local/share/dbus-1/system.d"];

    public static async Task<CheckResult> LookAsync(string bus, TimeProvider clock, CancellationToken cancellationToken)
    {
        string subject = $"D-Bus, {bus}";
        try
        {
            using BusConnection connection = await BusConnection.OpenAsync(bus, clock, cancellationToken);
            if (await connection.AnswerAsync(HasOwnerAsync(connection.Library), cancellationToken))
            {
                return new CheckResult(
                    subject, $"{DBusNotifier.Name} has an owner", $"nothing, if a GlusterBus runs already: `busctl status {DBusNotifier.Name}` names it", IsWarning: true);
            }

            return bus != "system" || PolicyFolders.Any(folder => File.Exists(Path.Combine(folder, DBusNotifier.Name + ".conf")))
                ? new CheckResult(subject)
                : new CheckResult(subject, $"the bus has no policy for {DBusNotifier.Name}", BusRefusal.InstallPolicy);
        }
        catch (Exception e) when (BusTrouble.Is(e))
        {
            return new CheckResult(subject, BusRefusal.Text(e, bus), "start the bus, or choose another one with the option bus");
        }
    }

    private static Task<bool> HasOwnerAsync(DBusConnection library)
    {
        using MessageWriter writer = library.GetMessageWriter();
        writer.WriteMethodCallHeader("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner", "s");
        writer.WriteString(DBusNotifier.Name);
        return library.CallMethodAsync(writer.CreateMessage(), static (reply, _) => reply.GetBodyReader().ReadBool());
    }
}
