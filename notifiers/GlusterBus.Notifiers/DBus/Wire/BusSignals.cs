using GlusterBus.Notifiers.DBus.Model;
using Tmds.DBus.Protocol;

namespace GlusterBus.Notifiers.DBus.Wire;

/// <summary>The signals that go out. They are queued in the order of the calls; whether the bus has taken them is asked separately.</summary>
/// <param name="library">The connection. One that has ended takes nothing, which whoever asks for an answer is told.</param>
internal sealed class BusSignals(DBusConnection library)
{
    private const string ObjectManager = "org.freedesktop.DBus.ObjectManager";

    /// <summary>Announces what has changed.</summary>
    public void Announce(BusChange change)
    {
        if (change.Kind is BusChangeKind.Removed or BusChangeKind.Replaced)
        {
            Send(BusPath.Root, ObjectManager, "InterfacesRemoved", "oas", (ref writer) =>
            {
                writer.WriteObjectPath(change.Object.Path);
                writer.WriteArray(new[] { change.Object.Interface });
            });
        }

        if (change.Kind is BusChangeKind.Added or BusChangeKind.Replaced)
        {
            Send(BusPath.Root, ObjectManager, "InterfacesAdded", "oa{sa{sv}}", (ref writer) =>
            {
                writer.WriteObjectPath(change.Object.Path);
                BusValues.WriteInterfaces(ref writer, change.Object);
            });
        }

        if (change.Kind == BusChangeKind.Changed)
        {
            Send(change.Object.Path, "org.freedesktop.DBus.Properties", "PropertiesChanged", "sa{sv}as", (ref writer) =>
            {
                writer.WriteString(change.Object.Interface);
                BusValues.WriteProperties(ref writer, change.Object.Properties.Where(p => change.Names.Contains(p.Name)));
                writer.WriteArray(Array.Empty<string>());
            });
        }
    }

    /// <summary>Sends a signal whose arguments are texts that <see cref="BusText.Clean"/> has seen.</summary>
    public void Say(string path, string name, string member, params string[] texts) => Send(path, name, member, new string('s', texts.Length), (ref writer) =>
    {
        foreach (string text in texts)
        {
            writer.WriteString(text);
        }
    });

    private void Send(string path, string name, string member, string signature, BusBody body)
    {
        MessageWriter writer = library.GetMessageWriter();
        try
        {
            writer.WriteSignalHeader(null, path, name, member, signature);
            body(ref writer);
            library.TrySendMessage(writer.CreateMessage());
        }
        finally
        {
            writer.Dispose();
        }
    }
}
