using System.ComponentModel.DataAnnotations;

namespace GlusterBus.Runtime.Configuration;

/// <summary>Where the routers keep the state table.</summary>
public sealed record RedisOptions : IValidatableObject
{
    /// <summary>The server, the nodes of a Redis Cluster, or, with <c>sentinelMaster</c>, the Sentinels: <c>host</c> or <c>host:port</c>.
    /// The default is <c>localhost</c>.</summary>
    [MinLength(1)]
    public IReadOnlyList<string> Hosts { get; init; } = ["localhost"];

    /// <summary>The name under which the Sentinels know the master; set it to have <c>hosts</c> taken for Sentinels. Not set by default.</summary>
    [MinLength(1)]
    public string? SentinelMaster { get; init; }

    /// <summary>The ACL user; by default the server's default user.</summary>
    [MinLength(1)]
    public string? User { get; init; }

    /// <summary>The password; better in <c>passwordFile</c>.</summary>
    public string? Password { get; init; }

    /// <summary>A file whose first line is the password.</summary>
    [MinLength(1)]
    public string? PasswordFile { get; init; }

    /// <summary>The number of the database, 0 to 15; a Redis Cluster has only 0. The default is 0.</summary>
    [Range(0, 15)]
    public int Database { get; init; }

    /// <summary>Encryption.</summary>
    public TlsOptions Tls { get; init; } = new();

    /// <summary>How long an answer may take, from 100 ms to 30 seconds, before the router lets a standby take over. The default is 600 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:30")]
    public TimeSpan Patience { get; init; } = TimeSpan.FromMilliseconds(600);

    /// <summary>How long the first connection of a role may take, from 100 ms to 5 minutes; never less than <c>patience</c>. The default is 3 seconds: a machine
    /// that is just starting is slow, and nobody stands by yet. With a node of a Redis Cluster that is silent, it takes this long.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan StartPatience { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How many published transitions a cluster's history keeps in Redis, 0 to 10,000,000. The default is 100,000, about 100 MB.</summary>
    [Range(0, 10_000_000)]
    public int History { get; init; } = 100_000;

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
                yield return new ValidationResult($"'{host}' is no host; write for example \"redis1\" or \"redis1:6379\"", [nameof(Hosts)]);
            }
        }
    }
}
