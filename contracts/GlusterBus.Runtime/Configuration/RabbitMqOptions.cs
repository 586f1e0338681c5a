using System.ComponentModel.DataAnnotations;

namespace GlusterBus.Runtime.Configuration;

/// <summary>The broker between collectors, routers and notifiers.</summary>
public sealed record RabbitMqOptions : IValidatableObject
{
    /// <summary>The broker's nodes, <c>host</c> or <c>host:port</c>; any that answers is used. The default is <c>localhost</c>.</summary>
    [MinLength(1)]
    public IReadOnlyList<string> Hosts { get; init; } = ["localhost"];

    /// <summary>The virtual host. The default is <c>/</c>.</summary>
    [MinLength(1)]
    public string VirtualHost { get; init; } = "/";

    /// <summary>The account. The default is <c>guest</c>, which RabbitMQ takes from its own machine only.</summary>
    [MinLength(1)]
    public string User { get; init; } = "guest";

    /// <summary>The account's password; better in <c>passwordFile</c>. The default is <c>guest</c> for the account <c>guest</c>.</summary>
    public string? Password { get; init; }

    /// <summary>A file whose first line is the password.</summary>
    [MinLength(1)]
    public string? PasswordFile { get; init; }

    /// <summary>Encryption. The port is then 5671 unless a host names another.</summary>
    public TlsOptions Tls { get; init; } = new();

    /// <summary>How often both ends of an idle connection give a sign of life, from 1 to 60 seconds. The default is 3 seconds: an end that is frozen or
    /// cut off is noticed after two to three of them.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Into how many queues the clusters are spread, 1 to 64; must be the same everywhere. The default is 4.</summary>
    [Range(1, 64)]
    public int Partitions { get; init; } = 4;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Password is not null && PasswordFile is not null)
        {
            yield return new ValidationResult("give either password or passwordFile, not both", [nameof(PasswordFile)]);
        }

        foreach (string host in Hosts)
        {
            if (HostAndPort.TryParse(host, 0) is null)
            {
                yield return new ValidationResult($"'{host}' is no host; write for example \"mq1\" or \"mq1:5672\"", [nameof(Hosts)]);
            }
        }
    }
}
