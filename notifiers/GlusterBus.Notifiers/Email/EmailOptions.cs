using System.ComponentModel.DataAnnotations;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Notifiers.Email;

/// <summary>Who is written to, through which server, and how often.</summary>
public sealed record EmailOptions : IValidatableObject
{
    /// <summary>The mail server, <c>host</c> or <c>host:port</c>. The default port is 587, 465 or 25, as <c>encryption</c> says <c>starttls</c>, <c>tls</c> or
    /// <c>none</c>.</summary>
    [Required(ErrorMessage = "server is needed, such as mail.example.org or mail.example.org:587")]
    public string Server { get; init; } = "";

    /// <summary>How the connection is encrypted. <c>starttls</c>, the default: after the greeting, and never without. <c>tls</c>: from the first byte.
    /// <c>none</c>: not at all, for a relay on this machine.</summary>
    public EmailEncryption Encryption { get; init; } = EmailEncryption.Starttls;

    /// <summary>A PEM file with the certificate authorities to trust for this server instead of the system's. An invalid certificate is never accepted.</summary>
    [MinLength(1)]
    public string? CaFile { get; init; }

    /// <summary>The user to log in as. The default is none: no login.</summary>
    [MinLength(1)]
    public string? User { get; init; }

    /// <summary>The user's password. A file is the better place.</summary>
    [MinLength(1)]
    public string? Password { get; init; }

    /// <summary>A file whose first line is the password, read at every login.</summary>
    [MinLength(1)]
    public string? PasswordFile { get; init; }

    /// <summary>The sender, such as <c>GlusterBus &lt;glusterbus@example.org&gt;</c>.</summary>
    [Required(ErrorMessage = "from is needed, such as GlusterBus <glusterbus@example.org>")]
    public string From { get; init; } = "";

    /// <summary>The recipients, one entry each, such as <c>storage-team@example.org</c>; 1 to 50.</summary>
    [Required]
    [Length(1, 50, ErrorMessage = "to needs 1 to 50 recipients, such as [\"storage-team@example.org\"]")]
    public IReadOnlyList<string> To { get; init; } = [];

    /// <summary>How long after a mail the next one gathers what happens, up to 15 minutes. What is graver than anything told in this time goes at once. Zero mails
    /// without delay. The default is 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:15:00")]
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a mail waits for what happens together with the change that caused it, up to a minute. The default is 1 second: when a node goes, its bricks
    /// go with it.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The most mails to each recipient in any hour, 8 to 3600, of which half may go in a row. What is beyond waits for the next mail. The default is 30.</summary>
    [Range(8, 3600)]
    public int PerHour { get; init; } = 30;

    /// <summary>The most entities that a mail tells of in full, 1 to 200, the gravest first; the others are counted. The default is 20.</summary>
    [Range(1, 200)]
    public int Entries { get; init; } = 20;

    /// <summary>How long one attempt may take, connection and login included, 1 second to 10 minutes. The default is 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>True makes <c>glusterbus check</c> send a mail to every recipient. The default is false: it only connects and logs in.</summary>
    public bool TestMail { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (HostAndPort.TryParse(Server, 25) is not { } server)
        {
            yield return new ValidationResult("server must be host or host:port, such as mail.example.org:587", [nameof(Server)]);
            yield break;
        }

        foreach ((string address, string member) in To.Select(to => (to, nameof(To))).Prepend((From, nameof(From))))
        {
            if (MailAddresses.Problem(address) is { } problem)
            {
                yield return new ValidationResult(problem, [member]);
            }
        }

        if (Password is not null && PasswordFile is not null)
        {
            yield return new ValidationResult("give password or passwordFile, not both", [nameof(Password)]);
        }

        if (User is null != (Password ?? PasswordFile) is null)
        {
            yield return new ValidationResult(User is null ? "a password needs a user" : "user needs passwordFile", [nameof(User)]);
        }

        if (Encryption == EmailEncryption.None && User is not null && server.Host is not ("localhost" or "127.0.0.1" or "::1"))
        {
            yield return new ValidationResult("a password must not travel in clear: use starttls or tls, or leave user out", [nameof(Encryption)]);
        }

        if (Encryption == EmailEncryption.None && CaFile is not null)
        {
            yield return new ValidationResult("caFile needs encryption starttls or tls", [nameof(CaFile)]);
        }
    }
}

/// <summary>How a connection to a mail server is encrypted.</summary>
public enum EmailEncryption
{
    Starttls,
    Tls,
    None,
}
