using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Router.State.Redis.Protocol;

/// <summary>Where a node of a Redis Cluster sends a command that it does not answer itself.</summary>
/// <param name="Node">The node that does.</param>
/// <param name="IsAsk">True when it does so for this once, while the slot moves.</param>
internal sealed record Redirection(HostAndPort Node, bool IsAsk)
{
    /// <summary>Reads <c>MOVED slot host:port</c> and <c>ASK slot host:port</c>; null when the answer is neither. A node that does not know its own
    /// address leaves the host out: it is then the one that answered.</summary>
    public static Redirection? TryParse(RespValue answer, HostAndPort from)
    {
        bool isAsk = answer.IsErrorOf("ASK");
        if (!isAsk && !answer.IsErrorOf("MOVED"))
        {
            return null;
        }

        string[] words = answer.Text.Split(' ');
        int colon = words.Length == 3 ? words[2].LastIndexOf(':') : -1;
        return colon >= 0 && int.TryParse(words[2].AsSpan(colon + 1), out int port) && port is > 0 and <= 65535
            ? new Redirection(new HostAndPort(colon == 0 ? from.Host : words[2][..colon].Trim('[', ']'), port), isAsk)
            : null;
    }
}
