using System.Text.Json;
using System.Threading.Channels;
using Tmds.DBus.Protocol;

namespace GlusterBus.TestKit;

/// <summary>Hears the signal <c>StateChanged</c> on a bus, whoever sends it.</summary>
/// <param name="address">The bus.</param>
public sealed class SignalListener(string address) : IDisposable
{
    private readonly DBusConnection _connection = new(address);
    private readonly Channel<string> _events = Channel.CreateUnbounded<string>();

    /// <summary>Returns when the bus knows that somebody listens.</summary>
    public async Task ListenAsync(CancellationToken cancellationToken)
    {
        await _connection.ConnectAsync().AsTask().WaitAsync(cancellationToken);
        ValueTask<IDisposable> watching = _connection.WatchSignalAsync(
            null,
            "/org/glusterbus",
            "org.glusterbus.Events",
            "StateChanged",
            static (message, _) =>
            {
                Reader reader = message.GetBodyReader();
                string last = "";
                for (int i = 0; i < 5; i++)
                {
                    last = reader.ReadString();
                }

                return last;
            },
            (Notification<string> signal) =>
            {
                if (signal.HasValue)
                {
                    _events.Writer.TryWrite(signal.Value);
                }
            },
            ObserverFlags.None,
            emitOnCapturedContext: false);
        await watching.AsTask().WaitAsync(cancellationToken);
    }

    /// <summary>Waits for the next event.</summary>
    public async Task<JsonElement> NextAsync(CancellationToken cancellationToken) =>
        JsonDocument.Parse(await _events.Reader.ReadAsync(cancellationToken)).RootElement;

    public void Dispose() => _connection.Dispose();
}
