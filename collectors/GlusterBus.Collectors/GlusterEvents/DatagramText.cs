using System.Text;
using System.Text.RegularExpressions;
using GlusterBus.Contracts.Messages;
using GlusterBus.Runtime.Gluster;

namespace GlusterBus.Collectors.GlusterEvents;

/// <summary>A datagram as text for evidence and logs: bounded, printable, without secrets.</summary>
internal static partial class DatagramText
{
    /// <summary>The most characters of an unreadable datagram that are shown.</summary>
    public const int MaximumShown = 300;

    /// <summary>The text of a datagram that was read: verbatim, but for the values of options that are secrets.</summary>
    public static string Of(ReadOnlySpan<byte> datagram, GlusterEvent e)
    {
        GlusterEvent shown = e.Name switch
        {
            "VOLUME_SET" when e["options"] is { } options => With(e, "options", OptionPairs.Join(OptionPairs.Split(options).Select(p => KeyValuePair.Create(p.Key, OptionPairs.Show(p.Key, p.Value))))),
            "GEOREP_CONFIG_SET" when e["option"] is { } option && OptionPairs.IsSecret(option) => With(e, "value", OptionPairs.Redacted),
            _ => e,
        };
        return Evidence.Bound(ReferenceEquals(shown, e) ? Encoding.UTF8.GetString(datagram.Trim(" \t\r\n\0"u8)) : GlusterDatagram.Format(shown));
    }

    /// <summary>The text of a datagram that can't be read: control characters and broken UTF-8 escaped, cut, and cut earlier where a word speaks of a secret.</summary>
    public static string OfUnreadable(ReadOnlySpan<byte> datagram)
    {
        bool isCut = datagram.Length > MaximumShown;
        string text = Encoding.UTF8.GetString(isCut ? datagram[..MaximumShown] : datagram);
        var shown = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            _ = char.IsControl(c) ? shown.Append("\\x").Append(((int)c).ToString("x2", System.Globalization.CultureInfo.InvariantCulture)) : shown.Append(c);
        }

        return Secret().Replace(shown.ToString(), "${word}" + OptionPairs.Redacted) + (isCut ? "…" : "");
    }

    private static GlusterEvent With(GlusterEvent e, string key, string value)
    {
        if (e[key] == value)
        {
            return e;
        }

        return e with { Fields = [.. e.Fields.Select(f => GlusterEventKeys.Same(f.Key, key) ? KeyValuePair.Create(f.Key, value) : f)] };
    }

    [GeneratedRegex(@"(?<word>auth|ssl|secret|password|login).*$", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Secret();
}
