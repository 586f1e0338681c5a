using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace GlusterBus.Runtime.Configuration;

/// <summary>Where a running instance answers.</summary>
public sealed partial record ApiOptions : IValidatableObject
{
    /// <summary>The Unix socket. The default is <c>/run/glusterbus/glusterbus.sock</c>. Root and the socket's group may use it.</summary>
    [Required]
    [MaxLength(107, ErrorMessage = "a Unix socket's path has at most 107 characters")]
    public string Socket { get; init; } = "/run/glusterbus/glusterbus.sock";

    /// <summary>Also listens on TCP there, <c>address:port</c>. Needs a token. Not set by default.</summary>
    public string? Listen { get; init; }

    /// <summary>The token that clients over TCP must bring, at least 16 characters. Better in <c>tokenFile</c>.</summary>
    [MinLength(16, ErrorMessage = "needs at least 16 characters")]
    public string? Token { get; init; }

    /// <summary>A file whose first line is the token.</summary>
    public string? TokenFile { get; init; }

    /// <summary>Serves the dashboard there, to look at without a token: a port, which is bound to loopback, or <c>address:port</c>. Not set by default. Whoever
    /// reaches it may read everything; injecting needs the token.</summary>
    public string? Dashboard { get; init; }

    /// <summary>Names by which browsers reach the dashboard, such as a proxy's, with the port where it is not the usual one. IP addresses, <c>localhost</c> and
    /// this machine's name are always taken.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Listen is not null && !IPEndPoint.TryParse(Listen, out _))
        {
            yield return new ValidationResult($"'{Listen}' is no address and port; write for example \"127.0.0.1:8055\" or \"[::]:8055\"", [nameof(Listen)]);
        }

        if (Dashboard is not null && DashboardEndPoint() is null)
        {
            yield return new ValidationResult($"'{Dashboard}' is neither a port nor an address and port; write for example \"8056\" (on loopback) or \"[::]:8056\"", [nameof(Dashboard)]);
        }

        if (Names.FirstOrDefault(name => !Host().IsMatch(name)) is { } odd)
        {
            yield return new ValidationResult($"'{odd}' is no host name; write for example \"status.example.com\" or \"status.example.com:8443\"", [nameof(Names)]);
        }

        if (Listen is not null && Token is null && TokenFile is null)
        {
            yield return new ValidationResult("listening on TCP needs api.tokenFile (or api.token)", [nameof(Listen)]);
        }

        if (Token is not null && TokenFile is not null)
        {
            yield return new ValidationResult("give either api.token or api.tokenFile, not both", [nameof(TokenFile)]);
        }
    }

    /// <summary>Where the dashboard is served; null where it is not.</summary>
    public IPEndPoint? DashboardEndPoint() => Dashboard switch
    {
        null or "" => null,

        // A number alone would be taken for an IPv4 address.
        { } text when text.All(char.IsAsciiDigit) => ushort.TryParse(text, CultureInfo.InvariantCulture, out ushort port) ? new IPEndPoint(IPAddress.Loopback, port) : null,
        { } text => IPEndPoint.TryParse(text, out IPEndPoint? endPoint) ? endPoint : null,
    };

    [GeneratedRegex(@"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$", RegexOptions.CultureInvariant)]
    private static partial Regex Host();
}
