using System.Text;
using GlusterBus.Contracts.Entities;

namespace GlusterBus.Notifiers.DBus.Model;

/// <summary>Where the object of an entity is. Pure.</summary>
internal static class BusPath
{
    public const string Root = "/org/glusterbus";

    public const string Glusterd = Root + "/glusterd";

    /// <summary>The path of an entity's object; null for a kind that has none.</summary>
    public static string? Of(EntityId entity)
    {
        (string head, string tail) = Split(entity.Name);
        return entity.Kind switch
        {
            "volume" => $"{Root}/volumes/{Label(entity.Name)}",
            "node" => $"{Root}/nodes/{Label(entity.Name)}",
            "brick" when tail.Length > 0 => $"{Root}/bricks/{Label(head)}/{Label(tail)}",
            "peer" when tail.Length > 0 => $"{Root}/peers/{Label(head)}/{Label(tail)}",
            _ => null,
        };
    }

    /// <summary>The part before the first slash, and the rest.</summary>
    public static (string Head, string Tail) Split(string name)
    {
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? (name, "") : (name[..slash], name[(slash + 1)..]);
    }

    /// <summary>One element of a path, escaped as systemd does it (<c>sd_bus_path_encode</c>): what is no ASCII letter or digit, and a digit in front,
    /// becomes <c>_</c> and two hexadecimal digits for each byte of UTF-8.</summary>
    public static string Label(string text)
    {
        if (text.Length == 0)
        {
            return "_";
        }

        var label = new StringBuilder(text.Length + 8);
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            if (char.IsAsciiLetter((char)b) || (char.IsAsciiDigit((char)b) && label.Length > 0))
            {
                label.Append((char)b);
            }
            else
            {
                label.Append('_').Append(Convert.ToHexStringLower([b]));
            }
        }

        return label.ToString();
    }
}
