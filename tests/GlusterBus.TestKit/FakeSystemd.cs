using System.Globalization;
using GlusterBus.Runtime.DBus;
using Tmds.DBus.Protocol;

namespace GlusterBus.TestKit;

/// <summary>What systemd shows of itself on a bus, as far as units are watched: an object for any name, signals only while somebody has subscribed, the service's
/// before the unit's, and never the load state in a signal (systemd 252: <c>dbus-unit.c</c>, <c>dbus-service.c</c>).</summary>
public sealed class FakeSystemd : IPathMethodHandler, IDisposable
{
    private const string Name = "org.freedesktop.systemd1";
    private const string Root = "/org/freedesktop/systemd1";
    private const string Properties = "org.freedesktop.DBus.Properties";

    private readonly BusConnection _bus;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, FakeUnit> _units = new(StringComparer.Ordinal);
    private readonly List<TaskCompletionSource> _waiting = [];
    private bool _isSubscribed;

    private FakeSystemd(BusConnection bus) => _bus = bus;

    public string Path => Root;

    public bool HandlesChildPaths => true;

    /// <summary>How often somebody has looked at a unit.</summary>
    public int Looks { get; private set; }

    public static async Task<FakeSystemd> StartAsync(string address, CancellationToken cancellationToken)
    {
        var systemd = new FakeSystemd(await BusConnection.OpenAsync(address, TimeProvider.System, cancellationToken));
        systemd._bus.Library.AddMethodHandler(systemd);
        await systemd._bus.Library.RequestNameAsync(Name, RequestNameOptions.None);
        return systemd;
    }

    /// <summary>Sets how a unit is, as after a start of the machine or a new definition: no signal tells it.</summary>
    public void Define(string unit, FakeUnit state)
    {
        lock (_gate)
        {
            _units[PathOf(unit)] = state;
        }
    }

    /// <summary>Changes a unit and signals it to who has subscribed.</summary>
    public void Change(string unit, FakeUnit state)
    {
        lock (_gate)
        {
            _units[PathOf(unit)] = state;
            if (_isSubscribed)
            {
                Signal(PathOf(unit), state, ".Service");
                Signal(PathOf(unit), state, ".Unit");
            }
        }
    }

    /// <summary>Tells that definitions of units were changed, as <c>systemctl mask</c> does.</summary>
    public void TellOfNewDefinitions()
    {
        using MessageWriter writer = _bus.Library.GetMessageWriter();
        writer.WriteSignalHeader(null, Root, Name + ".Manager", "UnitFilesChanged");
        _bus.Library.TrySendMessage(writer.CreateMessage());
    }

    /// <summary>Waits until somebody has looked so many more times.</summary>
    public async Task LookedAsync(int times, CancellationToken cancellationToken)
    {
        for (int i = 0; i < times; i++)
        {
            var looked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_gate)
            {
                _waiting.Add(looked);
            }

            await looked.Task.WaitAsync(cancellationToken);
        }
    }

    public ValueTask HandleMethodAsync(MethodContext context)
    {
        lock (_gate)
        {
            Message request = context.Request;
            Reader arguments = request.GetBodyReader();
            switch (request.InterfaceAsString, request.MemberAsString)
            {
                case (Name + ".Manager", "Subscribe"):
                    _isSubscribed = true;
                    Reply(context, null, (ref _) => { });
                    break;
                case (Name + ".Manager", "LoadUnit"):
                    string path = PathOf(arguments.ReadString());
                    Reply(context, "o", (ref writer) => writer.WriteObjectPath(path));
                    break;
                case (Properties, "GetAll"):
                    string asked = arguments.ReadString()[Name.Length..];
                    FakeUnit unit = _units.GetValueOrDefault(request.PathAsString!, FakeUnit.Missing);
                    Reply(context, "a{sv}", (ref writer) => Write(ref writer, unit, asked, isSignal: false));
                    if (asked == ".Unit")
                    {
                        Looks++;
                        _waiting.ForEach(looked => looked.TrySetResult());
                        _waiting.Clear();
                    }

                    break;
                default:
                    context.ReplyUnknownMethodError();
                    break;
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Leaves the bus.</summary>
    public void Dispose() => _bus.Dispose();

    private delegate void Body(ref MessageWriter writer);

    private static string PathOf(string unit) =>
        Root + "/unit/" + string.Concat(unit.Select(c => char.IsAsciiLetterOrDigit(c) ? c.ToString() : "_" + ((int)c).ToString("x2", CultureInfo.InvariantCulture)));

    private static void Write(ref MessageWriter writer, FakeUnit unit, string name, bool isSignal)
    {
        ArrayStart start = writer.WriteDictionaryStart();
        if (name == ".Service")
        {
            Put(ref writer, "NRestarts", unit.Restarts);
            Put(ref writer, "Result", unit.Result);

            // Not all that systemd tells is text and number: whoever reads the answer has to get past the rest.
            writer.WriteDictionaryEntryStart();
            writer.WriteString("ExecStart");
            writer.WriteSignature("a(sasbttttuii)");
            ArrayStart commands = writer.WriteArrayStart(DBusType.Struct);
            writer.WriteStructureStart();
            writer.WriteString("/usr/sbin/glusterd");
            writer.WriteArray(new[] { "/usr/sbin/glusterd", "-p", "/var/run/glusterd.pid" });
            writer.WriteBool(false);
            for (int i = 0; i < 4; i++)
            {
                writer.WriteUInt64(0);
            }

            writer.WriteUInt32(0);
            writer.WriteInt32(0);
            writer.WriteInt32(0);
            writer.WriteArrayEnd(commands);
        }
        else
        {
            Put(ref writer, "ActiveState", unit.ActiveState);
            Put(ref writer, "SubState", unit.SubState);
            Put(ref writer, "StateChangeTimestamp", unit.ChangedAt is { } at ? (ulong)((at - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond) : 0UL);
            if (!isSignal)
            {
                Put(ref writer, "LoadState", unit.LoadState);
            }
        }

        writer.WriteDictionaryEnd(start);
    }

    private static void Put(ref MessageWriter writer, string name, VariantValue value)
    {
        writer.WriteDictionaryEntryStart();
        writer.WriteString(name);
        writer.WriteVariant(value);
    }

    private static void Reply(MethodContext context, string? signature, Body body)
    {
        MessageWriter writer = context.CreateReplyWriter(signature);
        body(ref writer);
        context.Reply(writer.CreateMessage());
    }

    private void Signal(string path, FakeUnit unit, string name)
    {
        MessageWriter writer = _bus.Library.GetMessageWriter();
        writer.WriteSignalHeader(null, path, Properties, "PropertiesChanged", "sa{sv}as");
        writer.WriteString(Name + name);
        Write(ref writer, unit, name, isSignal: true);
        writer.WriteArray(Array.Empty<string>());
        _bus.Library.TrySendMessage(writer.CreateMessage());
    }
}

/// <summary>How a unit is.</summary>
/// <param name="ActiveState">As systemd has it.</param>
/// <param name="SubState">As systemd has it.</param>
/// <param name="ChangedAt">When it came to be so; null for a unit that was never started.</param>
public sealed record FakeUnit(string ActiveState, string SubState, DateTimeOffset? ChangedAt)
{
    /// <summary>A unit of which there is no definition.</summary>
    public static readonly FakeUnit Missing = new("inactive", "dead", null) { LoadState = "not-found" };

    public string LoadState { get; init; } = "loaded";

    public string Result { get; init; } = "success";

    public uint Restarts { get; init; }
}
