using System.Text;

namespace GlusterBus.Notifiers.Webhook;

/// <summary>The receiver's address, taken apart: what is requested, what authenticates, and what people may see.</summary>
internal sealed record WebhookAddress
{
    private WebhookAddress(Uri uri)
    {
        Target = new UriBuilder(uri) { UserName = "", Password = "", Fragment = "" }.Uri;
        Shown = $"{uri.Scheme}://{(uri.HostNameType == UriHostNameType.IPv6 ? $"[{uri.DnsSafeHost}]" : uri.IdnHost)}:{uri.Port}";
        Basic = uri.UserInfo == "" ? null : "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(uri.UserInfo)));
    }

    /// <summary>The address without user and fragment.</summary>
    public Uri Target { get; }

    /// <summary>Scheme, host and port only: many receivers keep a secret in path or query.</summary>
    public string Shown { get; }

    /// <summary>The value of <c>Authorization</c> that user and password stand for.</summary>
    public string? Basic { get; }

    /// <exception cref="ArgumentException">It is no http or https address; the message does not repeat it.</exception>
    public static WebhookAddress Parse(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" && uri is not null
            ? new WebhookAddress(uri)
            : throw new ArgumentException("url must be an absolute http:// or https:// address", nameof(url));

    public override string ToString() => Shown;
}
