using System.ComponentModel.DataAnnotations;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Notifiers.Kafka;

/// <summary>Which Kafka, which topics, and how long they keep what they are given.</summary>
public sealed record KafkaOptions : IValidatableObject
{
    private const string TopicName = @"^[a-zA-Z0-9._-]{1,200}$";

    /// <summary>Brokers to begin with, <c>host</c> or <c>host:port</c>; they tell of the others. The default port is 9092.</summary>
    [Required]
    [MinLength(1, ErrorMessage = "brokers needs at least one, such as [\"kafka1:9092\"]")]
    public IReadOnlyList<string> Brokers { get; init; } = [];

    /// <summary>The topic of all transitions, in which the past is read. The default is <c>glusterbus.transitions</c>.</summary>
    [RegularExpression(TopicName)]
    public string Topic { get; init; } = "glusterbus.transitions";

    /// <summary>The compacted topic that holds the newest transition of each entity. The default is <c>glusterbus.state</c>.</summary>
    [RegularExpression(TopicName)]
    public string StateTopic { get; init; } = "glusterbus.state";

    /// <summary>Set, each volume also gets a compacted topic of its own, named with this in front: a property is the key, its new value the value. Not set by
    /// default.</summary>
    [RegularExpression(@"^[a-zA-Z0-9._-]{1,100}$")]
    public string? VolumeTopics { get; init; }

    /// <summary>True, the default, makes topics that are missing. With false somebody else has to.</summary>
    public bool CreateTopics { get; init; } = true;

    /// <summary>Into how many partitions new topics are divided, 1 to 1,000. The default is 12. Must stay as it is: it decides where an entity lies.</summary>
    [Range(1, 1000)]
    public int Partitions { get; init; } = 12;

    /// <summary>On how many brokers new topics lie, 0 to 16; 0, the default, takes what the brokers are set to. From 3 on, two of them must have a transition before
    /// it counts as delivered.</summary>
    [Range(0, 16)]
    public int Replicas { get; init; }

    /// <summary>How long new topics keep transitions, 1 hour to 10 years. The default is 365 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(365);

    /// <summary>How long the brokers may take to confirm what they were sent, or to answer a question, 1 second to 10 minutes. The default is 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The user to log in as. The default is none: no login.</summary>
    [MinLength(1)]
    public string? User { get; init; }

    /// <summary>The user's password. A file is the better place.</summary>
    [MinLength(1)]
    public string? Password { get; init; }

    /// <summary>A file whose first line is the password, read at every connection.</summary>
    [MinLength(1)]
    public string? PasswordFile { get; init; }

    /// <summary>How the login is made: <c>scram-sha-512</c>, the default, <c>scram-sha-256</c> or <c>plain</c>.</summary>
    [RegularExpression("^(plain|scram-sha-256|scram-sha-512)$", ErrorMessage = "mechanism must be plain, scram-sha-256 or scram-sha-512")]
    public string Mechanism { get; init; } = "scram-sha-512";

    /// <summary>Encryption.</summary>
    public TlsOptions Tls { get; init; } = new();

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Brokers.FirstOrDefault(broker => HostAndPort.TryParse(broker, 9092) is null) is { } wrong)
        {
            yield return new ValidationResult($"'{wrong}' is no broker; write for example \"kafka1\" or \"kafka1:9092\"", [nameof(Brokers)]);
        }

        if (Topic == StateTopic)
        {
            yield return new ValidationResult("topic and stateTopic must not be the same: one keeps all, the other the newest", [nameof(StateTopic)]);
        }

        if (Password is not null && PasswordFile is not null)
        {
            yield return new ValidationResult("give password or passwordFile, not both", [nameof(Password)]);
        }

        if (User is null != (Password ?? PasswordFile) is null)
        {
            yield return new ValidationResult(User is null ? "a password needs a user" : "user needs passwordFile", [nameof(User)]);
        }

        if (Tls.ServerName is not null)
        {
            yield return new ValidationResult("Kafka's brokers name each other, so their certificates must bear their own names: leave serverName out", [nameof(Tls)]);
        }

        if (User is not null && Mechanism == "plain" && !Tls.Enabled)
        {
            yield return new ValidationResult("with plain the password would travel in clear: set \"tls\": { \"enabled\": true }, or use scram-sha-512", [nameof(Mechanism)]);
        }
    }
}
