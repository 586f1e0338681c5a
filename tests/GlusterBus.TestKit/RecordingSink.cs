using System.Threading.Channels;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;

namespace GlusterBus.TestKit;

/// <summary>Keeps what collectors publish; <see cref="NextAsync"/> waits for it.</summary>
public sealed class RecordingSink : IObservationSink
{
    private readonly Channel<ObservationBatch> _batches = Channel.CreateUnbounded<ObservationBatch>();
    private readonly List<ObservationBatch> _all = [];

    public IReadOnlyList<ObservationBatch> Batches
    {
        get
        {
            lock (_all)
            {
                return [.. _all];
            }
        }
    }

    public IEnumerable<Observation> Observations => Batches.SelectMany(b => b.Observations);

    public ValueTask PublishAsync(ObservationBatch batch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_all)
        {
            _all.Add(batch);
        }

        _batches.Writer.TryWrite(batch);
        return ValueTask.CompletedTask;
    }

    public ValueTask<ObservationBatch> NextAsync(CancellationToken cancellationToken) => _batches.Reader.ReadAsync(cancellationToken);
}
