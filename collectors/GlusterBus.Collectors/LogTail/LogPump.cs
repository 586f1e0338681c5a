using System.Buffers;
using System.Diagnostics.Metrics;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Runtime.Telemetry;

namespace GlusterBus.Collectors.LogTail;

/// <summary>How a turn of reading ended.</summary>
internal enum PumpEnd
{
    /// <summary>Everything complete was read.</summary>
    Drained,

    /// <summary>There is more; others had to have their turn.</summary>
    More,

    /// <summary>The file no longer begins as it did: it was truncated and written anew.</summary>
    Replaced,
}

/// <summary>Brings the new lines of a file to the sink.</summary>
internal interface ILogPump
{
    ValueTask<PumpEnd> PumpAsync(LogFollower follower, LogLineContext context, IObservationSink sink, CancellationToken cancellationToken);
}

/// <summary>Reads blocks into one buffer, scans them and publishes what they tell. A stream's offset moves only after the sink took
/// everything before it. One at a time: while the sink waits, the files wait.</summary>
/// <param name="reader">Knows which lines matter.</param>
/// <param name="maximumLine">Bytes of a line that the rules get to see.</param>
/// <param name="bufferLength">Bytes read at once; more than <paramref name="maximumLine"/>.</param>
internal sealed class LogPump<TReader>(TReader reader, int maximumLine, int bufferLength) : ILogPump, IDisposable
    where TReader : struct, ILineReader
{
    /// <summary>Stays in a core's second-level cache between the copy and the scan; larger ones measured no faster.</summary>
    private const int UsualBufferLength = 256 * 1024;

    /// <summary>What one file may read before the others have their turn.</summary>
    private const int BlocksPerTurn = 128;

    private static readonly Counter<long> Bytes = Telemetry.Meter.CreateCounter<long>("glusterbus_log_bytes_total", "By", "Bytes of log files read");
    private static readonly Counter<long> Lines = Telemetry.Meter.CreateCounter<long>("glusterbus_log_lines_total", "{line}", "Complete lines of log files read");

    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(bufferLength);
    private readonly List<Observation> _output = [];

    public LogPump(TReader reader, int maximumLine)
        : this(reader, maximumLine, Math.Max(UsualBufferLength, 2 * maximumLine))
    {
        Lines.Add(0);
        Bytes.Add(0);
    }

    public async ValueTask<PumpEnd> PumpAsync(LogFollower follower, LogLineContext context, IObservationSink sink, CancellationToken cancellationToken)
    {
        LogStream stream = follower.Stream ?? throw new InvalidOperationException("the file is not known yet");
        bool isPlain = follower.Source is PlainLogSource;
        int held = 0; // Bytes at the buffer's begin that are read and not consumed: an incomplete line.

        // A compressed file can't be left in the middle without decompressing its begin again, so it is read in one turn.
        for (int block = 0; block < BlocksPerTurn || !isPlain; block++)
        {
            int wanted = bufferLength - held;
            int count = follower.Source.Read(_buffer.AsSpan(held, wanted), stream.Offset + held);

            // Checked after the read: a head that is still there now was there when the block was read.
            if (isPlain && !follower.Source.StillBeginsWith(follower.Head!.Bytes))
            {
                return PumpEnd.Replaced;
            }

            if (count == 0)
            {
                return PumpEnd.Drained;
            }

            int available = held + count;
            int consumed = 0;
            while (true)
            {
                ScanResult scan = LineScanner.Scan(reader, _buffer.AsSpan(consumed, available - consumed), stream.Offset, maximumLine, context, _output);
                bool isFull = _output.Count >= LineScanner.EnoughObservations;
                await PublishAsync(stream, stream.Offset + scan.Consumed, context.Node, sink, cancellationToken);
                Lines.Add(scan.Lines);
                Bytes.Add(scan.Consumed);
                consumed += scan.Consumed;
                if (!isFull)
                {
                    break;
                }
            }

            held = available - consumed;
            if (held == bufferLength)
            {
                if (!await PassLongLineAsync(follower, context, sink, cancellationToken))
                {
                    return PumpEnd.Drained;
                }

                held = 0;
                continue;
            }

            if (isPlain && count < wanted)
            {
                return PumpEnd.Drained; // What came since is seen by the next look at the size.
            }

            _buffer.AsSpan(consumed, held).CopyTo(_buffer);
        }

        return PumpEnd.More;
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    /// <summary>The buffer is full and holds no line feed: looks for the line's end in the file, and shows the rules its begin.</summary>
    /// <returns>False when the end is not written yet.</returns>
    private async ValueTask<bool> PassLongLineAsync(LogFollower follower, LogLineContext context, IObservationSink sink, CancellationToken cancellationToken)
    {
        LogStream stream = follower.Stream!;

        // A hole that a truncation left, or what a crash of the machine lost: no part of a line.
        int nothing = _buffer.AsSpan(0, bufferLength).IndexOfAnyExcept((byte)0);
        if (nothing != 0)
        {
            stream.Offset += nothing < 0 ? bufferLength : nothing;
            return true;
        }

        long searched = Math.Max(follower.SearchedUpTo, stream.Offset + bufferLength);
        while (follower.Source.Read(_buffer.AsSpan(maximumLine, bufferLength - maximumLine), searched) is var count and > 0)
        {
            int end = _buffer.AsSpan(maximumLine, count).IndexOf((byte)'\n');
            if (end < 0)
            {
                searched += count;
                continue;
            }

            long after = searched + end + 1;
            Read(_buffer.AsSpan(0, maximumLine), context with { Offset = after });
            long length = after - stream.Offset;
            await PublishAsync(stream, after, context.Node, sink, cancellationToken);
            Lines.Add(1);
            Bytes.Add(length);
            return true;
        }

        follower.SearchedUpTo = searched;
        return false;
    }

    private void Read(ReadOnlySpan<byte> line, in LogLineContext context)
    {
        if (LineScanner.BeginsRecord(line) && reader.IsWanted(line))
        {
            reader.Read(line, context, _output);
        }
    }

    private async ValueTask PublishAsync(LogStream stream, long offset, NodeContext node, IObservationSink sink, CancellationToken cancellationToken)
    {
        if (_output.Count > 0)
        {
            var batch = new ObservationBatch { Stream = stream.NameOn(node.Name), Epoch = 0, Observations = [.. _output], CanBeReadAgain = true };
            _output.Clear();
            await sink.PublishAsync(batch, cancellationToken);
            stream.HasPublished = true;
        }

        stream.Offset = offset;
    }
}
