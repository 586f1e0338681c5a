using System.Buffers.Text;

namespace GlusterBus.Router.State.Redis.Protocol;

/// <summary>Reads answers from a stream, one after the other.</summary>
/// <param name="stream">Where they come from.</param>
/// <param name="progress">Called whenever bytes have come.</param>
internal sealed class RespReader(Stream stream, Action progress)
{
    /// <summary>Redis itself takes no longer values.</summary>
    private const int LongestBulk = 512 * 1024 * 1024;

    private const int DeepestList = 32;

    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    /// <exception cref="EndOfStreamException">The server closed the connection.</exception>
    /// <exception cref="InvalidDataException">What came is no RESP.</exception>
    public async ValueTask<RespValue> ReadAsync(int depth = 0)
    {
        (byte type, byte[] line) = await ReadLineAsync();
        switch (type)
        {
            case (byte)'+':
                return RespValue.OfBytes(RespKind.Status, line);
            case (byte)'-':
                return RespValue.OfBytes(RespKind.Error, line);
            case (byte)':':
                return RespValue.OfInteger(Number(line, long.MaxValue));
            case (byte)'$':
                long length = Number(line, LongestBulk);
                return length < 0 ? RespValue.Null : RespValue.OfBytes(RespKind.Bulk, await ReadBulkAsync((int)length));
            case (byte)'*' when depth < DeepestList:
                long count = Number(line, LongestBulk);
                if (count < 0)
                {
                    return RespValue.Null;
                }

                // Grown as the members come, not by what the header claims.
                var items = new List<RespValue>((int)Math.Min(count, 4096));
                for (long i = 0; i < count; i++)
                {
                    items.Add(await ReadAsync(depth + 1));
                }

                return RespValue.OfItems([.. items]);
            default:
                throw new InvalidDataException("what answers there does not speak the protocol of Redis");
        }
    }

    private static long Number(byte[] line, long greatest) =>
        Utf8Parser.TryParse(line, out long number, out int read) && read == line.Length && number <= greatest
            ? number
            : throw new InvalidDataException("what answers there does not speak the protocol of Redis");

    private async ValueTask<(byte Type, byte[] Line)> ReadLineAsync()
    {
        while (true)
        {
            int length = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8);
            if (length > 0)
            {
                (byte Type, byte[] Line) read = (_buffer[_start], _buffer.AsSpan(_start + 1, length - 1).ToArray());
                _start += length + 2;
                return read;
            }

            if (length == 0 || _end - _start == _buffer.Length)
            {
                throw new InvalidDataException("what answers there does not speak the protocol of Redis");
            }

            await FillAsync();
        }
    }

    private async ValueTask<byte[]> ReadBulkAsync(int length)
    {
        byte[] bulk = new byte[length];
        int buffered = Math.Min(length, _end - _start);
        _buffer.AsSpan(_start, buffered).CopyTo(bulk);
        _start += buffered;
        while (buffered < length)
        {
            int read = await stream.ReadAsync(bulk.AsMemory(buffered));
            buffered += Came(read);
        }

        while (_end - _start < 2)
        {
            await FillAsync();
        }

        _start += 2;
        return bulk;
    }

    private async ValueTask FillAsync()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        _end += Came(await stream.ReadAsync(_buffer.AsMemory(_end)));
    }

    private int Came(int read)
    {
        if (read == 0)
        {
            throw new EndOfStreamException("it closed the connection");
        }

        progress();
        return read;
    }
}
