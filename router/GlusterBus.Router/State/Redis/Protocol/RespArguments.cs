using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace GlusterBus.Router.State.Redis.Protocol;

/// <summary>Arguments of a command as they go over the wire.</summary>
internal sealed class RespArguments
{
    private readonly ArrayBufferWriter<byte> _bytes = new(256);

    public int Count { get; private set; }

    public ReadOnlySpan<byte> Encoded => _bytes.WrittenSpan;

    public RespArguments Add(ReadOnlySpan<byte> argument)
    {
        WriteHeader(_bytes, (byte)'$', argument.Length);
        _bytes.Write(argument);
        _bytes.Write("\r\n"u8);
        Count++;
        return this;
    }

    public RespArguments Add(string argument)
    {
        int length = Encoding.UTF8.GetByteCount(argument);
        WriteHeader(_bytes, (byte)'$', length);
        Encoding.UTF8.GetBytes(argument, _bytes);
        _bytes.Write("\r\n"u8);
        Count++;
        return this;
    }

    public RespArguments Add(long argument)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(argument, digits, out int length);
        return Add(digits[..length]);
    }

    internal static void WriteHeader(ArrayBufferWriter<byte> bytes, byte type, int count)
    {
        Span<byte> header = bytes.GetSpan(16);
        header[0] = type;
        Utf8Formatter.TryFormat(count, header[1..], out int digits);
        "\r\n"u8.CopyTo(header[(1 + digits)..]);
        bytes.Advance(digits + 3);
    }
}
