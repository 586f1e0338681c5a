using System.IO.Compression;
using Microsoft.Win32.SafeHandles;

namespace GlusterBus.Collectors.LogTail;

/// <summary>A log can't be read. A type of its own, so that a failure of the sink is never taken for one of a file.</summary>
internal sealed class LogReadException(string message, Exception inner) : Exception(message, inner);

/// <summary>The bytes of one log file, plain or compressed, kept open whatever becomes of its name.</summary>
internal abstract class LogSource : IDisposable
{
    public abstract FileIdentity Identity { get; }

    /// <summary>Reads from an offset of the log's own bytes; 0 at the present end.</summary>
    /// <exception cref="LogReadException">The file is damaged or its disk is.</exception>
    public int Read(Span<byte> buffer, long offset)
    {
        try
        {
            return ReadBytes(buffer, offset);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new LogReadException(e.Message, e);
        }
    }

    protected abstract int ReadBytes(Span<byte> buffer, long offset);

    public abstract FileStatus Status();

    public abstract void Dispose();

    /// <summary>The head of the file; null while its first record is not complete.</summary>
    public LogHead? ReadHead()
    {
        Span<byte> buffer = stackalloc byte[LogHead.MaximumLength];
        return LogHead.Find(buffer[..Fill(buffer)]);
    }

    /// <summary>True when the file still begins as it did: it was not truncated and written anew.</summary>
    public bool StillBeginsWith(ReadOnlySpan<byte> head)
    {
        Span<byte> buffer = stackalloc byte[LogHead.MaximumLength];
        buffer = buffer[..head.Length];
        return Fill(buffer) == head.Length && buffer.SequenceEqual(head);
    }

    /// <summary>The offset after the last line feed before <paramref name="size"/>; <paramref name="size"/> when the last line is longer than one megabyte.</summary>
    public long EndOfLastLine(long size)
    {
        byte[] block = new byte[64 * 1024];
        for (long end = size; end > 0 && end > size - (1024 * 1024);)
        {
            long start = Math.Max(0, end - block.Length);
            int count = Read(block.AsSpan(0, (int)(end - start)), start);
            int feed = block.AsSpan(0, count).LastIndexOf((byte)'\n');
            if (feed >= 0)
            {
                return start + feed + 1;
            }

            end = start;
        }

        return size <= 1024 * 1024 ? 0 : size;
    }

    private int Fill(Span<byte> buffer)
    {
        int filled = 0;
        while (filled < buffer.Length && Read(buffer[filled..], filled) is var count and > 0)
        {
            filled += count;
        }

        return filled;
    }

    /// <summary>Opens a file for reading; null when it is gone meanwhile or is no regular file.</summary>
    public static LogSource? Open(string path)
    {
        SafeFileHandle? handle = FileStatus.Open(path);
        if (handle is null || !FileStatus.Of(handle).IsRegular)
        {
            handle?.Dispose();
            return null;
        }

        return path.EndsWith(".gz", StringComparison.Ordinal) ? new GzipLogSource(handle) : new PlainLogSource(handle);
    }
}

internal sealed class PlainLogSource : LogSource
{
    private readonly SafeFileHandle _handle;

    public PlainLogSource(SafeFileHandle handle)
    {
        _handle = handle;
        Identity = Status().Identity;
    }

    public override FileIdentity Identity { get; }

    protected override int ReadBytes(Span<byte> buffer, long offset) => RandomAccess.Read(_handle, buffer, offset);

    public override FileStatus Status() => FileStatus.Of(_handle);

    public override void Dispose() => _handle.Dispose();
}

/// <summary>A rotated log that is compressed already. Going backwards starts the decompression anew; only a line longer than the read buffer needs that.</summary>
internal sealed class GzipLogSource : LogSource
{
    private readonly SafeFileHandle _handle;
    private GZipStream _stream;
    private long _position;

    public GzipLogSource(SafeFileHandle handle)
    {
        _handle = handle;
        Identity = Status().Identity;
        _stream = FromStart();
    }

    public override FileIdentity Identity { get; }

    protected override int ReadBytes(Span<byte> buffer, long offset)
    {
        if (offset < _position)
        {
            _stream.Dispose();
            _stream = FromStart();
            _position = 0;
        }

        Span<byte> skipped = stackalloc byte[16 * 1024];
        while (_position < offset)
        {
            int count = _stream.Read(skipped[..(int)Math.Min(skipped.Length, offset - _position)]);
            if (count == 0)
            {
                return 0;
            }

            _position += count;
        }

        int read = _stream.Read(buffer);
        _position += read;
        return read;
    }

    public override FileStatus Status() => FileStatus.Of(_handle);

    public override void Dispose()
    {
        _stream.Dispose();
        _handle.Dispose();
    }

    private GZipStream FromStart() => new(new HandleStream(_handle), CompressionMode.Decompress);

    /// <summary>Reads a handle that it does not own.</summary>
    private sealed class HandleStream(SafeFileHandle handle) : Stream
    {
        private long _offset;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => _offset;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            int count = RandomAccess.Read(handle, buffer, _offset);
            _offset += count;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
