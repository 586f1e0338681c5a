using System.ComponentModel.DataAnnotations;

namespace GlusterBus.Runtime.Configuration;

/// <summary>How a connection is encrypted. Files are PEM.</summary>
public sealed record TlsOptions : IValidatableObject
{
    /// <summary>True encrypts the connection. The default is false.</summary>
    public bool Enabled { get; init; }

    /// <summary>The certificates of the authorities trusted; by default the system's.</summary>
    [MinLength(1)]
    public string? CaFile { get; init; }

    /// <summary>The client's certificate, with its chain. Not set by default.</summary>
    [MinLength(1)]
    public string? CertificateFile { get; init; }

    /// <summary>The client certificate's private key, unencrypted.</summary>
    [MinLength(1)]
    public string? KeyFile { get; init; }

    /// <summary>The name that the server's certificate must bear; by default the host connected to.</summary>
    [MinLength(1)]
    public string? ServerName { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (CertificateFile is null != KeyFile is null)
        {
            yield return new ValidationResult("a client certificate needs both certificateFile and keyFile", [CertificateFile is null ? nameof(CertificateFile) : nameof(KeyFile)]);
        }

        if (!Enabled && (CaFile ?? CertificateFile ?? ServerName) is not null)
        {
            yield return new ValidationResult("the other keys of tls need \"enabled\": true", [nameof(Enabled)]);
        }
    }
}
