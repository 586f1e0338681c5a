using System.Buffers.Binary;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace GlusterBus.Collectors.Publishing.Spooling;

/// <summary>One file of the spool: a run of records, of which the first so many are confirmed.</summary>
/// <remarks>Owned by the spool; not thread-safe. Nothing is synced to the disk: what was written outlives the process, not a power cut (docs/adr/0003).</remarks>
internal sealed class SpoolSegment : IDisposable
{
    /// <summary>Magic, index of the first record, instant of creation, number of confirmed records; eight bytes each, the lowest first.</summary>
    public const int HeaderLength = 32;

    public const string Extension = ".spool";

    private const ulong Magic = 0x314C4F4F50534247; // "GBSPOOL1"
    private const int CreatedAtOffset = 16;
    private const int ConfirmedOffset = 24;

    private SafeFileHandle? _file;
    private byte[] _content = [];
    private int _contentLength;
    private int _confirmedEnd = HeaderLength;

    private SpoolSegment(string path, long first, DateTimeOffset createdAt)
    {
        (Path, First, CreatedAt) = (path, first, createdAt);
    }

    public string Path { get; }

    /// <summary>The index of its first record.</summary>
    public long First { get; }

    /// <summary>The index after its last record.</summary>
    public long End { get; private set; }

    /// <summary>The index of its first record that is not confirmed.</summary>
    public long Head { get; private set; }

    public DateTimeOffset CreatedAt { get; }

    /// <summary>The length of the file.</summary>
    public int Bytes { get; private set; }

    /// <summary>How many observations are not confirmed.</summary>
    public long Waiting { get; private set; }

    /// <summary>The path of the segment that begins with a record.</summary>
    public static string PathOf(string folder, long first) => System.IO.Path.Combine(folder, first.ToString("D20", CultureInfo.InvariantCulture) + Extension);

    /// <exception cref="IOException">It can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static SpoolSegment Create(string folder, long first, DateTimeOffset createdAt)
    {
        var segment = new SpoolSegment(PathOf(folder, first), first, createdAt) { End = first, Head = first, Bytes = HeaderLength };
        Span<byte> header = stackalloc byte[HeaderLength];
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(header[8..], first);
        BinaryPrimitives.WriteInt64LittleEndian(header[CreatedAtOffset..], createdAt.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteInt64LittleEndian(header[ConfirmedOffset..], 0);
        segment._file = File.OpenHandle(segment.Path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read);
        RandomAccess.Write(segment._file, header, 0);
        return segment;
    }

    /// <summary>Reads a segment that an earlier process left behind. What follows the last sound record is cut off.</summary>
    /// <param name="cut">How many bytes were cut off.</param>
    /// <returns>Null when it is no segment.</returns>
    public static SpoolSegment? Open(string path, out int cut)
    {
        byte[] content = File.ReadAllBytes(path);
        cut = content.Length;
        if (content.Length < HeaderLength || BinaryPrimitives.ReadUInt64LittleEndian(content) != Magic)
        {
            return null;
        }

        long first = BinaryPrimitives.ReadInt64LittleEndian(content.AsSpan(8));
        long confirmed = BinaryPrimitives.ReadInt64LittleEndian(content.AsSpan(ConfirmedOffset));
        var segment = new SpoolSegment(path, first, DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(content.AsSpan(CreatedAtOffset))))
        {
            End = first,
            Head = first,
            Bytes = HeaderLength,
        };
        while (SpoolRecord.Read(content, segment.Bytes, segment.End) is { } record)
        {
            segment.Bytes = record.End;
            segment.End++;
            segment.Waiting += record.Observations;
            if (record.Index < first + confirmed)
            {
                segment.Passed(record);
            }
        }

        cut = content.Length - segment.Bytes;
        if (cut > 0)
        {
            RandomAccess.SetLength(segment.Handle(), segment.Bytes);
        }

        return segment;
    }

    /// <summary>Adds a record at the end. A failure leaves everything as it was.</summary>
    /// <exception cref="IOException">It can't be written; the disk is full, perhaps.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public void Append(ReadOnlySpan<byte> payload, int observations)
    {
        byte[] record = new byte[SpoolRecord.HeaderLength + payload.Length];
        SpoolRecord.Write(record, End, payload, observations);
        RandomAccess.Write(Handle(), record, Bytes);
        Bytes += record.Length;
        End++;
        Waiting += observations;
    }

    /// <summary>The records that are not confirmed, in order.</summary>
    /// <exception cref="IOException">It can't be read.</exception>
    public IEnumerable<SpoolRecord> Unconfirmed()
    {
        Load();
        int offset = _confirmedEnd;
        for (long index = Head; index < End; index++)
        {
            SpoolRecord record = SpoolRecord.Read(_content.AsMemory(0, _contentLength), offset, index) ?? throw new IOException($"{Path} was changed by somebody else");
            offset = record.End;
            yield return record;
        }
    }

    /// <summary>Marks everything up to a record as confirmed.</summary>
    public void Confirm(IReadOnlyList<SpoolRecord> records)
    {
        foreach (SpoolRecord record in records)
        {
            Passed(record);
        }

        Span<byte> count = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(count, Head - First);
        RandomAccess.Write(Handle(), count, ConfirmedOffset);
    }

    /// <summary>Closes the file and forgets what was read of it, until it is needed again.</summary>
    public void Rest()
    {
        _file?.Dispose();
        _file = null;
        _content = [];
        _contentLength = 0;
    }

    public void Delete()
    {
        Rest();
        File.Delete(Path);
    }

    public void Dispose() => Rest();

    private void Passed(SpoolRecord record)
    {
        Head = record.Index + 1;
        Waiting -= record.Observations;
        _confirmedEnd = record.End;
    }

    /// <summary>Reads what is not yet in memory: a segment is read once, although it is sent in many messages.</summary>
    private void Load()
    {
        if (_content.Length < Bytes)
        {
            byte[] larger = new byte[Bytes];
            _content.AsSpan(0, _contentLength).CopyTo(larger);
            _content = larger;
        }

        while (_contentLength < Bytes)
        {
            int count = RandomAccess.Read(Handle(), _content.AsSpan(_contentLength, Bytes - _contentLength), _contentLength);
            _contentLength += count > 0 ? count : throw new IOException($"{Path} was cut by somebody else");
        }
    }

    private SafeFileHandle Handle() => _file ??= File.OpenHandle(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
}
