using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;

namespace GlusterBus.Notifiers.Webhook;

/// <summary>Where and how transitions are posted.</summary>
public sealed record WebhookOptions : IValidatableObject
{
    /// <summary>The receiver, <c>http://</c> or <c>https://</c>. A user and password in it are sent as basic authentication. User, path
    /// and query never appear in logs or errors.</summary>
    [Required(ErrorMessage = "url is needed, such as https://receiver.example/gluster")]
    public string Url { get; init; } = "";

    /// <summary><c>cloudevent</c>: the transition as every receiver gets it. <c>classic</c>: the JSON of glustereventsd, for consumers
    /// written for it; transitions without a classic name are left out. The default is <c>cloudevent</c>.</summary>
    [RegularExpression("^(cloudevent|classic)$", ErrorMessage = "payload must be cloudevent or classic")]
    public string Payload { get; init; } = "cloudevent";

    /// <summary>The body in place of <c>payload</c>: JSON whose texts have placeholders, such as
    /// <c>{ "text": "{summary}", "color": "{severity|ok=good|*=danger}" }</c>. With a header <c>Content-Type</c> that is no JSON: a text with
    /// placeholders. The default is none.</summary>
    public JsonNode? Template { get; init; }

    /// <summary>A file with the template, read once. The default is none.</summary>
    public string? TemplateFile { get; init; }

    /// <summary><c>POST</c>, <c>PUT</c> or <c>PATCH</c>. The default is <c>POST</c>.</summary>
    [RegularExpression("^(POST|PUT|PATCH)$", ErrorMessage = "method must be POST, PUT or PATCH")]
    public string Method { get; init; } = "POST";

    /// <summary>How long one attempt may take, 100 ms to 10 minutes. The default is 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The most posts under way at once, 1 to 256. The default is 16. With 1 the order is kept over all entities, not only
    /// within each.</summary>
    [Range(1, 256)]
    public int Concurrency { get; init; } = 16;

    /// <summary>A bearer token, sent as <c>Authorization: Bearer …</c>. The default is none.</summary>
    public string? Token { get; init; }

    /// <summary>A file with the bearer token, read again every minute. The default is none.</summary>
    public string? TokenFile { get; init; }

    /// <summary>Keys that the body is signed with; while a key is being replaced, name the old and the new one. The default is none: not
    /// signed.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>A file with one signing key per line, read again every minute. The default is none.</summary>
    public string? SecretFile { get; init; }

    /// <summary>Further headers of each request. A <c>Content-Type</c> replaces the body's own: <c>application/cloudevents+json</c>, and
    /// <c>application/json</c> for classic payloads and templates.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>A PEM file with the certificate authorities to trust for this receiver instead of the system's. Invalid certificates are
    /// never accepted.</summary>
    public string? CaFile { get; init; }

    /// <summary>The <c>nodeid</c> of classic payloads. Empty, the default, takes the uuid of the observing node where the transition has it,
    /// else the node's name.</summary>
    public string NodeId { get; init; } = "";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        // No message repeats a value: url, token and headers may hold secrets.
        bool isUri = Uri.TryCreate(Url, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" && uri?.Host != "";
        if (Url != "" && !isUri)
        {
            yield return new ValidationResult("url must be an absolute http:// or https:// address", [nameof(Url)]);
        }

        if (Token is not null && TokenFile is not null)
        {
            yield return new ValidationResult("give token or tokenFile, not both", [nameof(Token)]);
        }

        if (isUri && uri!.UserInfo != "" && (Token ?? TokenFile) is not null)
        {
            yield return new ValidationResult("give a user in the url or a token, not both", [nameof(Url)]);
        }

        if (Secrets.Any(string.IsNullOrEmpty))
        {
            yield return new ValidationResult("a secret must not be empty", [nameof(Secrets)]);
        }

        if (Token is { } token && !IsHeaderValue(token))
        {
            yield return new ValidationResult("token has characters that a header can't carry", [nameof(Token)]);
        }

        foreach ((string name, string value) in Headers)
        {
            if (name == "" || !name.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal)) || !IsHeaderValue(value))
            {
                yield return new ValidationResult($"headers: '{name}' is no header name, or its value has characters that a header can't carry", [nameof(Headers)]);
            }
        }

        foreach (ValidationResult fault in WebhookBody.Faults(this))
        {
            yield return fault;
        }
    }

    internal static bool IsHeaderValue(string value) => value.All(c => c is >= ' ' and <= '~' or '\t');
}
