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
    private readonly Func<ObservationBatch, byte[]> _write;
    private readonly Func<ReadOnlyMemory<byte>, ObservationBatch> _read;
    private readonly List<WaitingBatch> _waiting = [];
    private bool _isAway = true;

    /// <param name="spool">Owned by the line from now on.</param>
    /// <param name="write">A batch as it is spooled.</param>
    /// <param name="read">The opposite; throws <see cref="FormatException"/> for what it can't read.</param>
    public WaitingLine(Spool spool, Func<ObservationBatch, byte[]> write, Func<ReadOnlyMemory<byte>, ObservationBatch> read)
    {
        (_spool, _write, _read) = (spool, write, read);
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
            else if (!_spool.IsEmpty && waiting.IsSpoolable && TrySpool(waiting))
            {
                // The spool is being drained, which may take a while: the source need not wait for that.
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
            var batches = new List<ObservationBatch>();
            var records = new List<SpoolRecord>();
            int count = 0;
            int inMemory = 0;
            long position = _spool.Head;
            using IEnumerator<SpoolRecord> spooled = _spool.Unconfirmed().GetEnumerator();
            while (count < ObservationBatch.MaximumCount)
            {
                WaitingBatch? waiting = inMemory < _waiting.Count ? _waiting[inMemory] : null;
                ObservationBatch? next = waiting?.Batch;
                SpoolRecord? record = null;
                if (position < (waiting?.Place ?? _spool.Tail))
                {
                    if (!TryRead(spooled, isFirst: batches.Count == 0 && records.Count == 0, out record, out next))
                    {
                        break;
                    }
                }
                else if (next is null)
                {
                    break;
                }

                if (batches.Count > 0 && next is not null && count + next.Observations.Count > ObservationBatch.MaximumCount)
                {
                    break;
                }

                if (next is not null)
                {
                    batches.Add(next);
                    count += next.Observations.Count;
                }

                if (record is { } passed)
                {
                    records.Add(passed);
                    position = passed.Index + 1;
                }
                else
                {
                    inMemory++;
                }
            }

            _spool.UnderWay = records.Count > 0 ? position : 0;
            return batches.Count > 0 || records.Count > 0 ? new Parcel(batches, records, inMemory, count) : null;
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
                _waiting.RemoveAt(i);
            }
            else
            {
                // What can't be spooled keeps its place, and with it everything behind it.
                isRefused |= !waiting.Batch.CanBeReadAgain;
                waiting.Place = isRefused ? waiting.Place : _spool.Tail;
                i++;
            }
        }
    }

    private bool TrySpool(WaitingBatch waiting)
    {
        if (!_spool.TryAppend(_write(waiting.Batch), waiting.Batch.Observations.Count))
        {
            return false;
        }

        waiting.Leave();
        return true;
    }

    /// <summary>Reads the next record. One that can't be understood is passed, counted; a file that can't be read is dropped, counted.</summary>
    private bool TryRead(IEnumerator<SpoolRecord> spooled, bool isFirst, out SpoolRecord? record, out ObservationBatch? batch)
    {
        (record, batch) = (null, null);
        try
        {
            if (!spooled.MoveNext())
            {
                return false;
            }

            record = spooled.Current;
            batch = _read(record.Value.Payload);
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
internal sealed record Parcel(IReadOnlyList<ObservationBatch> Batches, IReadOnlyList<SpoolRecord> Records, int InMemory, int Count);
