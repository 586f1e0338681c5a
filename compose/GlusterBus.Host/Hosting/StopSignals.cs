using System.Runtime.InteropServices;

namespace GlusterBus.Host.Hosting;

/// <summary>Turns SIGINT and SIGTERM into a cancellation, so that everything ends in order. A second SIGINT ends at once.</summary>
public sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;

    public StopSignals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, Handle),
    ];

    public CancellationToken Token => _stop.Token;

    /// <summary>The signal that came; null when none did.</summary>
    public PosixSignal? Received { get; private set; }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        _stop.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = Received is null;
        Received ??= context.Signal;
        _stop.Cancel();
    }
}
