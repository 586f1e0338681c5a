using System.Text;
using GlusterBus.Notifiers.DBus.Model;

namespace GlusterBus.Notifiers.DBus.Wire;

/// <summary>Puts values into a message of the library.</summary>
internal static unsafe class MessageWriter
{
    private const int OnStack = 512;

    /// <summary>Appends the value of a property, as its signature says.</summary>
    public static void Append(nint message, BusProperty property)
    {
        switch (property.Value)
        {
            case string text:
                Text(message, text);
                break;
            case int or uint:
                uint small = property.Value is int signed ? unchecked((uint)signed) : (uint)property.Value;
                SdBus.Check(SdBus.AppendBasic(message, (byte)property.Signature[0], &small));
                break;
            case ulong large:
                SdBus.Check(SdBus.AppendBasic(message, (byte)'t', &large));
                break;
            case bool flag:
                int number = flag ? 1 : 0;
                SdBus.Check(SdBus.AppendBasic(message, (byte)'b', &number));
                break;
            case Dictionary<string, string> pairs:
                Pairs(message, pairs);
                break;
        }
    }

    /// <summary>Appends a text that <see cref="BusText.Clean"/> has seen.</summary>
    public static void Text(nint message, string text)
    {
        int most = Encoding.UTF8.GetMaxByteCount(text.Length) + 1;
        Span<byte> bytes = most <= OnStack ? stackalloc byte[OnStack] : new byte[most];
        bytes[Encoding.UTF8.GetBytes(text, bytes)] = 0;
        fixed (byte* start = bytes)
        {
            SdBus.Check(SdBus.AppendBasic(message, (byte)'s', start));
        }
    }

    /// <summary>Appends UTF-8 as a text.</summary>
    public static void Utf8(nint message, ReadOnlySpan<byte> utf8) => Text(message, BusText.Clean(Encoding.UTF8.GetString(utf8)));

    private static void Pairs(nint message, Dictionary<string, string> pairs)
    {
        Open(message, 'a', "{ss}\0"u8);
        foreach ((string key, string value) in pairs)
        {
            Open(message, 'e', "ss\0"u8);
            Text(message, key);
            Text(message, value);
            SdBus.Check(SdBus.CloseContainer(message));
        }

        SdBus.Check(SdBus.CloseContainer(message));
    }

    private static void Open(nint message, char type, ReadOnlySpan<byte> contents)
    {
        fixed (byte* start = contents)
        {
            SdBus.Check(SdBus.OpenContainer(message, (byte)type, start));
        }
    }
}
