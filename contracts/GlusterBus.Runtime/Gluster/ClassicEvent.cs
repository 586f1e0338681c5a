using System.Text;

namespace GlusterBus.Runtime.Gluster;

/// <summary>The JSON that glustereventsd posts to its webhooks, byte for byte as its Python writes it (keys sorted, blanks after
/// <c>:</c> and <c>,</c>, everything outside ASCII escaped).</summary>
/// <remarks>
/// <para>Kept from glustereventsd: values are strings; <c>force</c>, <c>push-pem</c> and <c>no-verify</c> become booleans and
/// <c>ssh-port</c> a number; the options of VOLUME_SET become a list of pairs; payload keys keep the sender's case
/// (<c>Volume</c>, <c>Usage</c>).</para>
/// <para>Corrected, because no consumer can have relied on it: an event whose value holds <c>=</c> or <c>;</c>, that ends with
/// <c>;</c>, or whose payload is <c>(null)</c> is written (glustereventsd drops it); the key <c>" subvol"</c> of the AFR events has
/// lost its leading blank; the brick of POSIX_HEALTH_CHECK_FAILED has lost its tail <c>" timeout is 20"</c>; a comma inside an
/// option's value does not cut the value in two.</para>
/// </remarks>
public static class ClassicEvent
{
    private static readonly string[] Booleans = ["force", "push-pem", "no-verify"];
    private const string Integer = "ssh-port";

    /// <summary>Writes one event.</summary>
    /// <param name="e">The event.</param>
    /// <param name="nodeId">The uuid of the node that received it, as glustereventsd has it.</param>
    /// <returns>One JSON object as ASCII bytes, without a line end.</returns>
    public static byte[] Write(GlusterEvent e, string nodeId)
    {
        var json = new StringBuilder(256);
        json.Append("{\"event\": ");
        Text(json, e.Name);
        json.Append(", \"message\": {");
        string separator = "";
        foreach ((string key, string value) in e.Fields.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            json.Append(separator);
            Text(json, key);
            json.Append(": ");
            Value(json, e.Name, key, value);
            separator = ", ";
        }

        json.Append("}, \"nodeid\": ");
        Text(json, nodeId);
        json.Append(", \"ts\": ").Append(e.Stamp.ToUnixTimeSeconds()).Append('}');
        return Encoding.ASCII.GetBytes(json.ToString());
    }

    private static void Value(StringBuilder json, string name, string key, string value)
    {
        if (name == "VOLUME_SET" && key == "options")
        {
            Pairs(json, OptionPairs.Split(value));
        }
        else if (Booleans.Contains(key))
        {
            json.Append(value.ToLowerInvariant() is "1" or "on" or "true" or "yes" ? "true" : "false");
        }
        else if (key == Integer && long.TryParse(value, out long number))
        {
            json.Append(number);
        }
        else
        {
            Text(json, value);
        }
    }

    private static void Pairs(StringBuilder json, IReadOnlyList<KeyValuePair<string, string>> pairs)
    {
        json.Append('[');
        string separator = "";
        foreach ((string option, string value) in pairs)
        {
            json.Append(separator).Append('[');
            Text(json, option);
            json.Append(", ");
            Text(json, value);
            json.Append(']');
            separator = ", ";
        }

        json.Append(']');
    }

    private static void Text(StringBuilder json, string text)
    {
        json.Append('"');
        foreach (char c in text)
        {
            _ = c switch
            {
                '"' => json.Append("\\\""),
                '\\' => json.Append("\\\\"),
                '\n' => json.Append("\\n"),
                '\r' => json.Append("\\r"),
                '\t' => json.Append("\\t"),
                '\f' => json.Append("\\f"),
                '\b' => json.Append("\\b"),
                < ' ' or > '~' => json.Append("\\u").Append(((int)c).ToString("x4", System.Globalization.CultureInfo.InvariantCulture)),
                _ => json.Append(c),
            };
        }

        json.Append('"');
    }
}
