using System.Security.Cryptography;
using System.Text;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Contracts.Topology;

/// <summary>The routing key of a transition on its channel: <c>&lt;cluster&gt;.&lt;name&gt;.&lt;change&gt;</c>.</summary>
/// <remarks>Three words, always: dots inside a part are written <c>%2E</c> and percent signs <c>%25</c>, so <c>prod.#</c>, <c>*.gv0.*</c> and
/// <c>#.offline</c> bind what they seem to.</remarks>
public static class ChannelKey
{
    /// <summary>The most bytes of a routing key (AMQP 0-9-1, shortstr).</summary>
    public const int MaximumBytes = 255;

    public static string Of(Transition transition)
    {
        string key = $"{Escape(transition.Cluster)}.{Escape(transition.Entity.Name)}.{Escape(transition.Change)}";
        return Encoding.UTF8.GetByteCount(key) <= MaximumBytes ? key : Shortened(transition);
    }

    /// <summary>One part as a word of a routing key.</summary>
    public static string Escape(string part) =>
        part.AsSpan().IndexOfAny('.', '%') < 0 ? part : part.Replace("%", "%25", StringComparison.Ordinal).Replace(".", "%2E", StringComparison.Ordinal);

    /// <summary>A name that is too long for the wire keeps its beginning and gets a hash, so that different names stay different.</summary>
    private static string Shortened(Transition transition)
    {
        string cluster = Escape(transition.Cluster);
        string change = Escape(transition.Change);
        string name = Escape(transition.Entity.Name);
        string hash = "~" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..16];
        int room = MaximumBytes - Encoding.UTF8.GetByteCount(cluster) - Encoding.UTF8.GetByteCount(change) - hash.Length - 2;
        while (Encoding.UTF8.GetByteCount(name) > room)
        {
            // Never half of a surrogate pair.
            name = name[..^(name.Length > 1 && char.IsLowSurrogate(name[^1]) ? 2 : 1)];
        }

        return $"{cluster}.{name}{hash}.{change}";
    }
}
