using System.Globalization;

namespace GlusterBus.Runtime.Configuration;

/// <summary>A server's address.</summary>
public sealed record HostAndPort(string Host, int Port)
{
    /// <summary>Reads <c>host</c>, <c>host:port</c>, <c>[v6]</c> or <c>[v6]:port</c>; null when it is none of these.</summary>
    public static HostAndPort? TryParse(string text, int defaultPort)
    {
        string host = text.Trim();
        int port = defaultPort;
        int end = host.StartsWith('[') ? host.IndexOf(']', StringComparison.Ordinal) : 0;
        int colon = end < 0 ? -1 : host.IndexOf(':', end);
        if (end < 0 || (end == 0 && colon != host.LastIndexOf(':')))
        {
            return null;
        }

        if (colon >= 0)
        {
            if (!int.TryParse(host.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535)
            {
                return null;
            }

            host = host[..colon];
        }

        host = host.Trim('[', ']');
        return host.Length == 0 || Uri.CheckHostName(host) == UriHostNameType.Unknown ? null : new HostAndPort(host, port);
    }

    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
