using GlusterBus.Collectors.Publishing.Spooling;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Runtime.Concurrency;

namespace GlusterBus.Collectors.Publishing;

/// <summary>The one line in which everything waits that a collector process has to publish: some in memory with a caller behind it, some in the spool.</summary>
/// <remarks>Each batch in memory remembers how many records of the spool stand before it, so that the order is total over both. While the broker is away
/// the line sorts out what may leave it: into the spool, or away. Thread-safe.</remarks>
internal sealed class WaitingLine : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Spool _spool;
    private readonly BatchFormat _format;
    private readonly List<WaitingBatch> _waiting = [];
    private bool _isAway = true;

    // The last record that is a look of this process.
    private long _spooledLook = -1;

    /// <param name="spool">Owned by the line from now on.</param>
    public WaitingLine(Spool spool, BatchFormat format)
    {
        (_spool, _format) = (spool, format);
    }

    /// <summary>Set when something joined the line.</summary>
    public Signal Grown { get; } = new();

    public bool IsEmpty => Locked(() => _waiting.Count == 0 && _spool.IsEmpty);

    public long SpooledBatches => Locked(() => _spool.Tail - _spool.Head);

    public long SpooledBytes => Locked(() => _spool.Bytes);

    /// <summary>What the spool dropped, when it is time to report it: nothing older waits any more.</summary>
    public SpoolLoss? ReportableLoss => Locked(() => _spool.IsEmpty ? _spool.Loss : null);

    /// <summary>Takes a batch into the line. Its <see cref="WaitingBatch.Left"/> completes at once where the batch needs nobody to wait for it.</summary>
    public void Join(WaitingBatch waiting)
    {
        lock (_gate)
        {
            waiting.Place = _spool.Tail;
            _waiting.Add(waiting);
            if (_isAway)
            {
                SortOut();
            }
            else if (!_spool.IsEmpty && _waiting.TrueForAll(other => other.Batch.CanBeReadAgain || other == waiting) && waiting.IsSpoolable && TrySpool(waiting))
            {
                // The spool is being drained, which may take a while: the source need not wait for that. It must not overtake what may have to be spooled itself.
                _waiting.RemoveAt(_waiting.Count - 1);
            }
        }

        Grown.Set();
    }

    /// <summary>The broker is away: what is under way counts as not sent, and the line is sorted out. Also tries again to spool what the disk refused.</summary>
    public void Stay()
    {
        lock (_gate)
        {
            _isAway = true;
            _spool.UnderWay = 0;
            SortOut();
        }
    }

    /// <summary>The broker is there: what joins from now on waits for its turn.</summary>
    public void Go()
    {
        lock (_gate)
        {
            _isAway = false;
        }

        Grown.Set();
    }

    /// <summary>The batches at the head of the line that travel in one message, which stay in the line until <see cref="Confirm"/>; null when the line is empty.</summary>
    public Parcel? Take()
    {
        lock (_gate)
        {
            var batches = new List<OutgoingBatch>();
            var records = new List<SpoolRecord>();
            List<string>? traces = null;
            int count = 0;
            int inMemory = 0;
            bool hasLook = false;
            long position = _spool.Head;
            using IEnumerator<SpoolRecord> spooled = _spool.Unconfirmed().GetEnumerator();
            while (count < ObservationBatch.MaximumCount)
            {
                WaitingBatch? waiting = inMemory < _waiting.Count ? _waiting[inMemory] : null;
                SpoolRecord? record = null;
                OutgoingBatch? outgoing = waiting is null ? null : OutgoingBatch.Of(waiting.Batch);
                if (position < (waiting?.Place ?? _spool.Tail))
                {
                    if (!TryRead(spooled, isFirst: records.Count + inMemory == 0, out record, out outgoing))
                    {
                        break;
                    }
                }
                else if (waiting is null)
                {
                    break;
                }

                int observations = outgoing is null ? 0 : record?.Observations ?? waiting!.Batch.Observations.Count;
                if (batches.Count > 0 && count + observations > ObservationBatch.MaximumCount)
                {
                    break;
                }

                count += observations;
                if (outgoing is { } readable)
                {
                    batches.Add(readable);
                }

                if (record is { } passed)
                {
                    records.Add(passed);
                    position = passed.Index + 1;
                    hasLook |= passed.Index == _spooledLook;
                }
                else
                {
                    inMemory++;
                    hasLook |= waiting!.Batch.Snapshot is not null;
                    if (waiting.Batch.TraceParent is { } trace)
                    {
                        (traces ??= []).Add(trace);
                    }
                }
            }

            _spool.UnderWay = records.Count > 0 ? position : 0;
            return records.Count + inMemory > 0 ? new Parcel(batches, records, inMemory, count, hasLook) { Traces = traces ?? (IReadOnlyList<string>)[] } : null;
        }
    }

    /// <summary>The broker has a parcel: its batches leave the line.</summary>
    public void Confirm(Parcel parcel)
    {
        WaitingBatch[] confirmed;
        lock (_gate)
        {
            _spool.UnderWay = 0;
            _spool.Confirm(parcel.Records);
            confirmed = [.. _waiting.Take(parcel.InMemory)];
            _waiting.RemoveRange(0, parcel.InMemory);
        }

        foreach (WaitingBatch waiting in confirmed)
        {
            waiting.Leave();
        }
    }

    /// <summary>The report of a loss is safe with the broker.</summary>
    public void Reported(SpoolLoss loss)
    {
        lock (_gate)
        {
            _spool.Reported(loss);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _spool.Dispose();
        }
    }

    /// <summary>Sends away, in order, what need not wait for the broker: looks that are superseded, and what is now safe in the spool.</summary>
    private void SortOut()
    {
        bool isRefused = false;
        bool hasSpooled = false;
        for (int i = 0; i < _waiting.Count;)
        {
            WaitingBatch waiting = _waiting[i];
            if (waiting.IsSuperseded)
            {
                PublishingMetrics.SnapshotSuperseded();
                waiting.Leave(new SnapshotSupersededException());
                _waiting.RemoveAt(i);
            }
            else if (!waiting.Batch.CanBeReadAgain && !isRefused && TrySpool(waiting))
            {
                hasSpooled = true;
                _waiting.RemoveAt(i);
            }
            else
            {
                // What the disk refuses keeps its place, and what is behind it does, too; what stays is behind all that was just spooled before it.
                isRefused |= !waiting.Batch.CanBeReadAgain;
                waiting.Place = hasSpooled ? _spool.Tail : waiting.Place;
                i++;
            }
        }
    }

    private bool TrySpool(WaitingBatch waiting)
    {
        if (!_spool.TryAppend(_format.Wrap(waiting.Batch), waiting.Batch.Observations.Count))
        {
            return false;
        }

        _spooledLook = waiting.Batch.Snapshot is null ? _spooledLook : _spool.Tail - 1;

        waiting.Leave();
        return true;
    }

    /// <summary>Reads the next record. One that can't be understood is passed, counted; a file that can't be read is dropped, counted.</summary>
    private bool TryRead(IEnumerator<SpoolRecord> spooled, bool isFirst, out SpoolRecord? record, out OutgoingBatch? outgoing)
    {
        (record, outgoing) = (null, null);
        try
        {
            if (!spooled.MoveNext())
            {
                return false;
            }

            record = spooled.Current;
            outgoing = _format.Unwrap(record.Value.Payload);
            return true;
        }
        catch (FormatException e)
        {
            _spool.CountUnreadable(record!.Value, e.Message);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (isFirst)
            {
                _spool.AbandonOldest(e.Message);
                Grown.Set();
            }

            return false;
        }
    }

    private T Locked<T>(Func<T> read)
    {
        lock (_gate)
        {
            return read();
        }
    }
}

/// <summary>What travels in one message.</summary>
/// <param name="Batches">In order; none when all that was read could not be understood.</param>
/// <param name="Records">Those of the spool among them.</param>
/// <param name="InMemory">How many were waiting in memory.</param>
/// <param name="Count">How many observations they hold.</param>
/// <param name="HasLook">True when one of them is a look at the cluster that was taken since the process's start.</param>
internal sealed record Parcel(IReadOnlyList<OutgoingBatch> Batches, IReadOnlyList<SpoolRecord> Records, int InMemory, int Count, bool HasLook)
{
    /// <summary>The trace contexts of the batches that were in memory. One from the spool keeps its own within, and has no span of its publishing.</summary>
    public IReadOnlyList<string> Traces { get; init; } = [];
}
