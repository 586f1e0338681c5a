using System.Text;

namespace GlusterBus.Notifiers.DBus.Model;

/// <summary>Texts as the bus takes them. One forbidden character would end the connection, and with it every object.</summary>
internal static class BusText
{
    private const char Replacement = '\ufffd';

    /// <summary>The text with U+FFFD for what is no character of its own: NUL, halves of pairs, and Unicode's noncharacters, which listeners
    /// with systemd's library refuse.</summary>
    public static string Clean(string text)
    {
        if (!NeedsCleaning(text))
        {
            return text;
        }

        var clean = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (IsTaken(rune.Value))
            {
                clean.Append(rune);
            }
            else
            {
                clean.Append(Replacement);
            }
        }

        return clean.ToString();
    }

    private static bool NeedsCleaning(string text)
    {
        foreach (char c in text)
        {
            if (c is '\0' or >= '\ud800')
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsTaken(int value) => value != 0 && value is not (>= 0xfdd0 and <= 0xfdef) && (value & 0xfffe) != 0xfffe;
}
