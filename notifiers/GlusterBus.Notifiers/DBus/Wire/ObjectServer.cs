using GlusterBus.Notifiers.DBus.Model;
using Tmds.DBus.Protocol;

namespace GlusterBus.Notifiers.DBus.Wire;

/// <summary>Answers the questions of others for every path from <see cref="BusPath.Root"/> down. Nothing can be changed from there.</summary>
/// <param name="objects">What is shown.</param>
/// <param name="gate">Held for each answer, so that answers and signals leave in the order of what they tell.</param>
internal sealed class ObjectServer(ObjectDirectory objects, Lock gate) : IPathMethodHandler
{
    /// <summary>The system bus ends the connection of whoever sends more than 32 MiB in one message.</summary>
    private const long LargestAnswer = 31 << 20;

    private const string Error = "org.freedesktop.DBus.Error.";

    public string Path => BusPath.Root;

    public bool HandlesChildPaths => true;

    public ValueTask HandleMethodAsync(MethodContext context)
    {
        lock (gate)
        {
            try
            {
                Answer(context, context.Request);
            }
            catch (Exception e)
            {
                // The library closes the connection for an exception: one strange question must not take the objects from all others.
                context.ReplyError(Error + "Failed", e.Message);
            }
        }

        return ValueTask.CompletedTask;
    }

    private void Answer(MethodContext context, Message request)
    {
        string path = request.PathAsString!;
        if (objects.Below(path) is not { } below)
        {
            context.ReplyError(Error + "UnknownObject", $"Unknown object '{path}'.");
            return;
        }

        if (context.IsDBusIntrospectRequest)
        {
            context.ReplyIntrospectXml(
                path == BusPath.Root ? [Introspection.Root, IntrospectionXml.DBusProperties]
                    : objects.Find(path) is { } described ? [Introspection.Of(described), IntrospectionXml.DBusProperties]
                    : [],
                [.. below]);
            return;
        }

        // A question may leave the interface out. The signature is compared first: to read what is not there would throw.
        BusObject? asked = objects.Find(path);
        Reader arguments = request.GetBodyReader();
        switch (request.InterfaceAsString ?? "", request.MemberAsString, request.SignatureAsString)
        {
            case ("org.freedesktop.DBus.Properties" or "", "Get", "ss"):
                Get(context, asked, arguments.ReadString(), arguments.ReadString());
                break;
            case ("org.freedesktop.DBus.Properties" or "", "GetAll", "s"):
                GetAll(context, asked, arguments.ReadString());
                break;
            case ("org.freedesktop.DBus.Properties" or "", "Set", "ssv"):
                context.ReplyError(Error + "PropertyReadOnly", $"Nothing of {DBusNotifier.Name} is writable.");
                break;
            case ("org.freedesktop.DBus.ObjectManager" or "", "GetManagedObjects", "") when path == BusPath.Root:
                GetManagedObjects(context);
                break;
            default:
                context.ReplyError(Error + "UnknownMethod", $"Unknown method {request.MemberAsString} or interface {request.InterfaceAsString}.");
                break;
        }
    }

    private static void Get(MethodContext context, BusObject? asked, string name, string property)
    {
        if (Properties(asked, name)?.FirstOrDefault(p => p.Name == property) is { } found)
        {
            Reply(context, "v", (ref writer) => BusValues.WriteValue(ref writer, found));
        }
        else
        {
            context.ReplyError(Error + "UnknownProperty", $"Unknown interface {name} or property {property}.");
        }
    }

    private static void GetAll(MethodContext context, BusObject? asked, string name)
    {
        if (Properties(asked, name) is { } found)
        {
            Reply(context, "a{sv}", (ref writer) => BusValues.WriteProperties(ref writer, found));
        }
        else
        {
            context.ReplyError(Error + "UnknownInterface", $"Unknown interface '{name}'.");
        }
    }

    /// <summary>The properties of an interface, of which those of D-Bus itself and the root's have none; null where there is no such interface.</summary>
    private static IReadOnlyList<BusProperty>? Properties(BusObject? asked, string name) =>
        asked is not null && (name.Length == 0 || name == asked.Interface) ? asked.Properties
        : name.Length == 0 || name.StartsWith("org.freedesktop.DBus.", StringComparison.Ordinal) || (asked is null && name == DBusNotifier.EventsInterface) ? []
        : null;

    private void GetManagedObjects(MethodContext context)
    {
        long size = objects.All.Sum(shown => shown.Size);
        if (size > LargestAnswer)
        {
            context.ReplyError(Error + "LimitsExceeded", $"{objects.All.Count} objects take {size >> 20} MiB and a bus passes on 32: walk the paths with Introspect.");
            return;
        }

        Reply(context, "a{oa{sa{sv}}}", WriteAll);
    }

    private void WriteAll(ref MessageWriter writer)
    {
        ArrayStart all = writer.WriteDictionaryStart();
        foreach (BusObject shown in objects.All)
        {
            writer.WriteDictionaryEntryStart();
            writer.WriteObjectPath(shown.Path);
            BusValues.WriteInterfaces(ref writer, shown);
        }

        writer.WriteDictionaryEnd(all);
    }

    private static void Reply(MethodContext context, string signature, BusBody body)
    {
        MessageWriter writer = context.CreateReplyWriter(signature);
        try
        {
            body(ref writer);
            context.Reply(writer.CreateMessage());
        }
        finally
        {
            writer.Dispose();
        }
    }
}
