using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Router.State.Redis.Connections;

/// <summary>Where a node of a Redis Cluster sends a command that it does not answer itself.</summary>
internal static class Redirection
{
    /// <summary>Reads <c>MOVED slot host:port</c> and <c>ASK slot host:port</c>, or what the library makes of
    /// both:
    /// <c>Endpoint host:port serving hashslot n is not reachable …</c>. Null when the answer is neither. A node that does not know its own address leaves
    /// the host out: it is then the one that answered.</summary>
    public static HostAndPort? TryParse(RedisAnswer answer, HostAndPort from)
    {
        if (!answer.IsError)
        {
            return null;
        }

        string[] words = answer.Text.Split(' ');
        string? address = words.Length >= 3 && words[0] is "MOVED" or "ASK" ? words[2]
            : words.Length >= 4 && words[0] == "Endpoint" && words[3] == "hashslot" ? words[1].Replace("Unspecified/", "", StringComparison.Ordinal)
            : null;
        return address is null ? null : HostAndPort.TryParse(address.StartsWith(':') ? from.Host + address : address, RedisDialer.Port);
    }
}
