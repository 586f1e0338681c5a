using System.Globalization;
using System.Threading.Channels;
using GlusterBus.Runtime.DBus;
using Tmds.DBus.Protocol;

namespace GlusterBus.Collectors.Systemd;

/// <summary>What systemd said of a unit.</summary>
/// <param name="Unit">The unit's full name.</param>
/// <param name="IsWhole">False for what is told of a service before what is told of it as a unit: the state is complete with the latter.</param>
/// <param name="LookedAt">For an answer, when it was asked for: what systemd changes after the answer is later than that. Null for a signal.</param>
/// <param name="Values">Those of <see cref="UnitState.Names"/> that it told.</param>
internal sealed record UnitReport(string Unit, bool IsWhole, DateTimeOffset? LookedAt, IReadOnlyDictionary<string, string> Values);

/// <summary>systemd on a bus. Answers and signals become reports in the order in which systemd sent them, so that the last one is true.</summary>
internal sealed class SystemdConnection : IDisposable
{
    /// <summary>The message of the exception when systemd is not on the bus any more.</summary>
    public const string Left = "systemd left the bus";

    private const string Name = "org.freedesktop.systemd1";
    private const string Root = "/org/freedesktop/systemd1";
    private const string Manager = Name + ".Manager";
    private const string UnitInterface = Name + ".Unit";
    private const string ServiceInterface = Name + ".Service";
    private const string Properties = "org.freedesktop.DBus.Properties";

    private readonly BusConnection _bus;
    private readonly TimeProvider _clock;
    private readonly Channel<UnitReport> _reports = Channel.CreateUnbounded<UnitReport>(new UnboundedChannelOptions { SingleReader = true });

    private SystemdConnection(BusConnection bus, TimeProvider clock)
    {
        (_bus, _clock) = (bus, clock);
        _ = bus.Ended.ContinueWith(
            _ => _reports.Writer.TryComplete(new DBusConnectionClosedException("the bus closed the connection")),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    /// <summary>What systemd says. Ends with an exception when the bus or systemd leaves.</summary>
    public ChannelReader<UnitReport> Reports => _reports.Reader;

    /// <exception cref="Exception">One that <see cref="BusTrouble.Is"/> knows.</exception>
    public static async Task<SystemdConnection> OpenAsync(string bus, TimeProvider clock, CancellationToken cancellationToken) =>
        new(await BusConnection.OpenAsync(bus, clock, cancellationToken), clock);

    /// <summary>Asks for signals, which systemd sends while anybody wants them, and for a word when definitions of units were changed.</summary>
    /// <param name="definitionsChanged">Called on the connection's thread.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task SubscribeAsync(Action definitionsChanged, CancellationToken cancellationToken)
    {
        foreach (string signal in (string[])["UnitFilesChanged", "Reloading"])
        {
            await WatchAsync(Root, Manager, signal, _ => definitionsChanged(), cancellationToken);
        }

        await CallAsync(Root, Manager, "Subscribe", null, static (_, _) => true, cancellationToken);
    }

    /// <summary>Finds a unit's object and listens to it. systemd has an object for any name; how it is loaded is one of its properties.</summary>
    /// <returns>The path.</returns>
    public async Task<string> WatchAsync(string unit, CancellationToken cancellationToken)
    {
        string path = await CallAsync(Root, Manager, "LoadUnit", unit, static (reply, _) => reply.GetBodyReader().ReadObjectPathAsString(), cancellationToken);
        await WatchAsync(path, Properties, "PropertiesChanged", signal => Report(unit, signal), cancellationToken);
        return path;
    }

    /// <summary>Looks at a unit; the answer is among the reports when this returns.</summary>
    public async Task LookAsync(string unit, string path, CancellationToken cancellationToken)
    {
        DateTimeOffset began = _clock.GetUtcNow();
        foreach (string asked in (string[])[ServiceInterface, UnitInterface])
        {
            await CallAsync(path, Properties, "GetAll", asked, (reply, _) => Report(unit, asked, began, reply.GetBodyReader()), cancellationToken);
        }
    }

    public void Dispose() => _bus.Dispose();

    private bool Report(string unit, Message signal)
    {
        Reader reader = signal.GetBodyReader();
        return Report(unit, reader.ReadString(), null, reader);
    }

    private bool Report(string unit, string name, DateTimeOffset? lookedAt, Reader reader)
    {
        if (name is UnitInterface or ServiceInterface)
        {
            _reports.Writer.TryWrite(new UnitReport(unit, name == UnitInterface, lookedAt, Wanted(reader)));
        }

        return true;
    }

    private static Dictionary<string, string> Wanted(Reader reader)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, VariantValue value) in reader.ReadDictionaryOfStringToVariantValue())
        {
            string? text = !UnitState.Names.Contains(name) ? null : value.Type switch
            {
                VariantValueType.String => value.GetString(),
                VariantValueType.UInt32 => value.GetUInt32().ToString(CultureInfo.InvariantCulture),
                VariantValueType.UInt64 => value.GetUInt64().ToString(CultureInfo.InvariantCulture),
                _ => null,
            };
            if (text is not null)
            {
                values[name] = text;
            }
        }

        return values;
    }

    private async Task WatchAsync(string path, string name, string signal, Action<Message> heard, CancellationToken cancellationToken)
    {
        ValueTask<IDisposable> watching = _bus.Library.WatchSignalAsync(
            Name,
            path,
            name,
            signal,
            (message, _) =>
            {
                heard(message);
                return true;
            },
            (Notification<bool> notification) =>
            {
                // A systemd that has left the bus, to be executed anew, has forgotten who listens.
                if (notification.IsCompletion)
                {
                    _reports.Writer.TryComplete(new DBusConnectionClosedException(Left));
                }
            },
            ObserverFlags.EmitOnOwnerChanged,
            emitOnCapturedContext: false);
        await _bus.AnswerAsync(watching.AsTask(), cancellationToken);
    }

    private Task<T> CallAsync<T>(string path, string name, string member, string? argument, MessageValueReader<T> read, CancellationToken cancellationToken)
    {
        using MessageWriter writer = _bus.Library.GetMessageWriter();
        writer.WriteMethodCallHeader(Name, path, name, member, argument is null ? null : "s");
        if (argument is not null)
        {
            writer.WriteString(argument);
        }

        return _bus.AnswerAsync(_bus.Library.CallMethodAsync(writer.CreateMessage(), read), cancellationToken);
    }
}
