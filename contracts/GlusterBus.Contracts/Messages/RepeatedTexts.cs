using System.Buffers.Binary;
using System.Text;

namespace GlusterBus.Contracts.Messages;

/// <summary>Remembers short texts that come again and again in messages (states, sources, nodes, names of attributes), so that each is one string, also
/// in the state that is made of them.</summary>
/// <remarks>A slot holds the last text that fell into it: the memory is bounded, and a text that does not come again only costs its place. One for each
/// thread, hence no locks.</remarks>
internal sealed class RepeatedTexts
{
    private const int Slots = 1024;
    private const int MaximumBytes = 64;

    [ThreadStatic]
    private static RepeatedTexts? _ofThisThread;

    private readonly string?[] _texts = new string?[Slots];

    public static RepeatedTexts OfThisThread => _ofThisThread ??= new RepeatedTexts();

    /// <summary>The text of these bytes, which must be ASCII.</summary>
    public string Of(ReadOnlySpan<byte> ascii)
    {
        if (ascii.Length > MaximumBytes)
        {
            return Encoding.ASCII.GetString(ascii);
        }

        ref string? slot = ref _texts[SlotOf(ascii)];
        return slot is { } text && Ascii.Equals(ascii, text) ? text : slot = Encoding.ASCII.GetString(ascii);
    }

    private static int SlotOf(ReadOnlySpan<byte> text)
    {
        ulong mixed = (ulong)text.Length;
        if (text.Length >= sizeof(ulong))
        {
            mixed ^= BinaryPrimitives.ReadUInt64LittleEndian(text) ^ (BinaryPrimitives.ReadUInt64LittleEndian(text[^sizeof(ulong)..]) * 31);
        }
        else
        {
            foreach (byte b in text)
            {
                mixed = (mixed * 31) + b;
            }
        }

        return (int)((mixed * 0x9E3779B97F4A7C15) >> 54);
    }
}
