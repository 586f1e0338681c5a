namespace GlusterBus.Runtime.Gluster;

/// <summary>Which key of a payload means what. Gluster's senders spell the same thing differently by event and by version.</summary>
public static class GlusterEventKeys
{
    /// <summary>Old or other spellings with the present one: geo-replication said master and slave up to release 9, and of the
    /// peer events 0, 1 and 70 say host where the others say peer.</summary>
    public static ReadOnlySpan<(string Other, string Present)> Aliases => Spellings;

    private static readonly (string Other, string Present)[] Spellings =
    [
        ("master", "primary"),
        ("slave", "secondary"),
        ("master_volume", "primary_volume"),
        ("master_node", "primary_node"),
        ("master_node_id", "primary_node_id"),
        ("slave_host", "secondary_host"),
        ("slave_volume", "secondary_volume"),
        ("current_slave_host", "current_secondary_host"),
        ("host", "peer"),
    ];

    /// <summary>True when two keys mean the same: equal but for case, or one an alias of the other.</summary>
    public static bool Same(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        return a.Equals(b, StringComparison.OrdinalIgnoreCase) || Present(a).Equals(Present(b), StringComparison.OrdinalIgnoreCase);
    }

    private static ReadOnlySpan<char> Present(ReadOnlySpan<char> key)
    {
        // Nearly all keys leave here: no other spelling begins with another letter.
        if (key.Length < 4 || (key[0] | 0x20) is not ('m' or 's' or 'c' or 'h'))
        {
            return key;
        }

        foreach ((string other, string present) in Aliases)
        {
            if (key.Equals(other, StringComparison.OrdinalIgnoreCase))
            {
                return present;
            }
        }

        return key;
    }

    /// <summary>True when <paramref name="key"/> is the key of a definition; <c>child-#</c> stands for <c>child-0</c>, <c>child-12</c> ….</summary>
    internal static bool Fits(ReadOnlySpan<char> key, string definition)
    {
        if (!definition.EndsWith('#'))
        {
            return Same(key, definition);
        }

        ReadOnlySpan<char> stem = definition.AsSpan(0, definition.Length - 1);
        return key.Length > stem.Length && key.StartsWith(stem, StringComparison.OrdinalIgnoreCase) && key[stem.Length..].IndexOfAnyExceptInRange('0', '9') < 0;
    }

    /// <summary>True when the text could be a key at all: a letter, then letters, digits, <c>_</c> and <c>-</c>.</summary>
    internal static bool IsKeyLike(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text.Length > 64 || !char.IsAsciiLetter(text[0]))
        {
            return false;
        }

        foreach (char c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-'))
            {
                return false;
            }
        }

        return true;
    }
}
