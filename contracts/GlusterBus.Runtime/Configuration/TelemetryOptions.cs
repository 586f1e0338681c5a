using System.ComponentModel.DataAnnotations;

namespace GlusterBus.Runtime.Configuration;

/// <summary>Where traces go.</summary>
public sealed record TelemetryOptions : IValidatableObject
{
    /// <summary>The OpenTelemetry collector that takes traces over HTTP, such as <c>http://otel:4318/v1/traces</c>. Not set by default: nothing is traced then.</summary>
    public Uri? OtlpEndpoint { get; init; }

    /// <summary>Which share of the traces that begin here is sent, 0 to 1. The default is 0.01.</summary>
    [Range(0.0, 1.0)]
    public double SamplingRatio { get; init; } = 0.01;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (OtlpEndpoint is { } endpoint && (!endpoint.IsAbsoluteUri || endpoint.Scheme is not ("http" or "https")))
        {
            yield return new ValidationResult($"'{endpoint}' is no http address such as http://otel:4318/v1/traces", [nameof(OtlpEndpoint)]);
        }
    }
}
