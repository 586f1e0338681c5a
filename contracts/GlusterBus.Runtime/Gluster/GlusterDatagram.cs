using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace GlusterBus.Runtime.Gluster;

/// <summary>Reads and writes gf_event datagrams: <c>&lt;unix seconds&gt; &lt;number&gt; &lt;k=v;k=v…&gt;</c> in UTF-8 (<c>libglusterfs/src/events.c</c>).</summary>
/// <remarks>
/// <para>Nothing in a payload is quoted. A field is split at its first <c>=</c>. A segment between two <c>;</c> begins a field only when its key
/// is one that this event has and that was not there before; any other segment is a part of the value before it, <c>;</c> included.
/// One <c>;</c> at the very end is no part of a value: no sender of Gluster's ends a value so.</para>
/// <para>Keys are trimmed (the AFR events send <c>" subvol"</c>), values are kept but for the blanks at the end of the datagram. The payload
/// <c>(null)</c> is an empty one. The brick of the events 100 to 105 loses the tail <c>" timeout is N"</c>.</para>
/// </remarks>
public static class GlusterDatagram
{
    /// <summary>The most bytes that are read, as UDP over IPv4 can carry.</summary>
    public const int MaximumLength = 65507;

    /// <summary>The most fields that are told apart; Gluster's longest payload has 10. What follows belongs to the last value.</summary>
    public const int MaximumFields = 64;

    private const string TimeoutTail = " timeout is ";
    private static readonly long LastStamp = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    /// <summary>Reads a datagram. Never throws.</summary>
    /// <param name="datagram">The bytes as they came.</param>
    /// <param name="names">The meaning of the numbers, by the sender's version.</param>
    /// <param name="result">The event.</param>
    /// <param name="error">What is wrong with it.</param>
    public static bool TryParse(ReadOnlySpan<byte> datagram, GlusterEventNames names, [NotNullWhen(true)] out GlusterEvent? result, [NotNullWhen(false)] out DatagramError? error)
    {
        result = null;
        error = Header(datagram, names, out DateTimeOffset stamp, out GlusterEventDefinition? definition, out ReadOnlySpan<byte> payload);
        if (error is not null)
        {
            return false;
        }

        var fields = new List<KeyValuePair<string, string>>(definition!.Keys.Count);
        error = Fields(Encoding.UTF8.GetString(payload), definition, fields) ?? Missing(definition, fields);
        if (error is not null)
        {
            return false;
        }

        result = new GlusterEvent(stamp, definition.Number, definition.Name, fields);
        return true;
    }

    /// <summary>Reads a datagram with the numbers of Gluster 3.10 and later.</summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, [NotNullWhen(true)] out GlusterEvent? result, [NotNullWhen(false)] out DatagramError? error) =>
        TryParse(datagram, GlusterEventNames.Current, out result, out error);

    /// <summary>Writes an event as Gluster 3.10 and later would send it.</summary>
    public static string Format(GlusterEvent e)
    {
        string payload = e.Fields.Count == 0 ? "(null)" : string.Join(';', e.Fields.Select(f => $"{f.Key}={f.Value}"));
        return string.Create(CultureInfo.InvariantCulture, $"{e.Stamp.ToUnixTimeSeconds()} {e.Number} {payload}");
    }

    private static DatagramError? Header(
        ReadOnlySpan<byte> datagram, GlusterEventNames names, out DateTimeOffset stamp, out GlusterEventDefinition? definition, out ReadOnlySpan<byte> payload)
    {
        stamp = default;
        definition = null;
        payload = default;
        if (datagram.Length > MaximumLength)
        {
            return new(DatagramFault.TooLong, $"the datagram has {datagram.Length} bytes, more than {MaximumLength}");
        }

        ReadOnlySpan<byte> text = datagram.Trim(" \t\r\n\0"u8);
        if (text.IsEmpty)
        {
            return new(DatagramFault.Empty, "the datagram is empty");
        }

        if (!Utf8.IsValid(text))
        {
            return new(DatagramFault.NotUtf8, "the datagram is not UTF-8");
        }

        ReadOnlySpan<byte> word = Word(ref text);
        if (!Utf8Parser.TryParse(word, out long seconds, out int used) || used != word.Length || seconds < 0 || seconds > LastStamp)
        {
            return new(DatagramFault.BadStamp, "it does not begin with a time in whole seconds since 1970");
        }

        word = Word(ref text);
        if (!Utf8Parser.TryParse(word, out int number, out used) || used != word.Length)
        {
            return new(DatagramFault.BadNumber, "the second word is no event number");
        }

        definition = names.At(number);
        if (definition is null)
        {
            return new(DatagramFault.UnknownNumber, $"{number} is no event of Gluster's, they go from 0 to {names.Count - 1}");
        }

        if (text.IsEmpty)
        {
            return new(DatagramFault.NoPayload, $"{definition.Name} has no payload");
        }

        stamp = DateTimeOffset.FromUnixTimeSeconds(seconds);
        payload = text;
        return null;
    }

    /// <summary>Takes the part before the first blank off; exactly one blank ends it, as in glustereventsd.</summary>
    private static ReadOnlySpan<byte> Word(ref ReadOnlySpan<byte> text)
    {
        int blank = text.IndexOf((byte)' ');
        ReadOnlySpan<byte> word = blank < 0 ? text : text[..blank];
        text = blank < 0 ? default : text[(blank + 1)..];
        return word;
    }

    private static DatagramError? Fields(ReadOnlySpan<char> payload, GlusterEventDefinition definition, List<KeyValuePair<string, string>> fields)
    {
        if (payload.Trim() is "(null)")
        {
            return null;
        }

        if (payload.EndsWith(';'))
        {
            payload = payload[..^1];
        }

        // A value runs until the next field begins, so it is cut out once and never put together: a hostile datagram of 65,000
        // semicolons costs no more than any other.
        string? open = null;
        int value = 0;
        foreach (Range range in payload.Split(';'))
        {
            ReadOnlySpan<char> segment = payload[range];
            int equals = segment.IndexOf('=');
            ReadOnlySpan<char> key = equals < 0 ? default : segment[..equals].Trim();
            if (open is null ? !GlusterEventKeys.IsKeyLike(key) : !IsNewKey(key, open, definition, fields))
            {
                if (open is null)
                {
                    return new(DatagramFault.BadPayload, $"the payload of {definition.Name} does not begin with key=value");
                }

                continue;
            }

            int start = range.Start.Value;
            if (open is not null)
            {
                fields.Add(new(open, payload[value..(start - 1)].ToString()));
            }

            open = key.ToString();
            value = start + equals + 1;
        }

        fields.Add(new(open!, payload[value..].ToString()));
        StripTimeout(definition, fields);
        return null;
    }

    private static bool IsNewKey(ReadOnlySpan<char> key, string open, GlusterEventDefinition definition, List<KeyValuePair<string, string>> fields)
    {
        if (key.IsEmpty || fields.Count + 1 >= MaximumFields || GlusterEventKeys.Same(open, key))
        {
            return false;
        }

        foreach ((string present, _) in fields)
        {
            if (GlusterEventKeys.Same(present, key))
            {
                return false;
            }
        }

        if (definition.Keys.Count == 0)
        {
            return GlusterEventKeys.IsKeyLike(key);
        }

        foreach (GlusterEventKey known in definition.Keys)
        {
            if (GlusterEventKeys.Fits(key, known.Name))
            {
                return true;
            }
        }

        return false;
    }

    // The C code puts the timer's text behind the brick (posix-helpers.c, 105); it is no part of the path.
    private static void StripTimeout(GlusterEventDefinition definition, List<KeyValuePair<string, string>> fields)
    {
        if (definition.Number is < 100 or > 105)
        {
            return;
        }

        for (int i = 0; i < fields.Count; i++)
        {
            (string key, string value) = fields[i];
            int tail = value.LastIndexOf(TimeoutTail, StringComparison.Ordinal);
            if (tail > 0 && GlusterEventKeys.Same(key, "brick") && value.AsSpan(tail + TimeoutTail.Length).IndexOfAnyExceptInRange('0', '9') < 0)
            {
                fields[i] = new(key, value[..tail]);
            }
        }
    }

    private static DatagramError? Missing(GlusterEventDefinition definition, List<KeyValuePair<string, string>> fields)
    {
        foreach (GlusterEventKey known in definition.Keys)
        {
            if (known.IsRequired && !fields.Exists(f => GlusterEventKeys.Fits(f.Key, known.Name) && !string.IsNullOrWhiteSpace(f.Value)))
            {
                return new(DatagramFault.MissingField, $"{definition.Name} without {known.Name}");
            }
        }

        return null;
    }
}
