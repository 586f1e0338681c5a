using System.Net;
using Microsoft.AspNetCore.Http;

namespace GlusterBus.Host.Api;

/// <summary>Tells requests that a foreign page makes an operator's browser send from those of the dashboard itself.</summary>
/// <param name="names">Further names by which browsers reach this instance, such as a proxy's.</param>
/// <param name="machine">This machine's name.</param>
internal sealed class BrowserOrigin(IReadOnlyList<string> names, string machine)
{
    /// <summary>False for a name that anybody could have pointed here: a page of theirs would count as ours (DNS rebinding).</summary>
    /// <param name="host">The request's <c>Host</c>.</param>
    public bool IsOurs(HostString host) =>
        IPAddress.TryParse(host.Host.Trim('[', ']'), out _)
        || Same(host.Host, "localhost")
        || Same(host.Host, machine)
        || IsNamed(host);

    /// <summary>True when the request comes from no page, or from one of ours.</summary>
    /// <param name="origin">The request's <c>Origin</c>; programs send none.</param>
    /// <param name="host">The request's <c>Host</c>.</param>
    public bool IsSame(string? origin, HostString host)
    {
        if (string.IsNullOrEmpty(origin))
        {
            return true;
        }

        if (!Uri.TryCreate(origin, UriKind.Absolute, out Uri? page))
        {
            return false;
        }

        HostString from = page.IsDefaultPort ? new HostString(page.IdnHost) : new HostString(page.IdnHost, page.Port);
        return Same(from.Value ?? "", host.Value ?? "") || IsNamed(from);
    }

    private bool IsNamed(HostString host) => names.Any(name => Same(name, host.Value ?? "") || Same(name, host.Host));

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
