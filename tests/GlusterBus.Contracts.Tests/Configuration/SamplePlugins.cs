using System.ComponentModel.DataAnnotations;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Runtime.Plugins;

namespace GlusterBus.Contracts.Tests.Configuration;

public sealed record SampleLogOptions : IValidatableObject
{
    /// <summary>Where the logs are.</summary>
    [Required]
    public string Directory { get; init; } = "/var/log/glusterfs";

    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);

    [Range(1, 65535)]
    public int Port { get; init; } = 55555;

    public IReadOnlyList<string> Files { get; init; } = [];

    public SampleNestedOptions Nested { get; init; } = new();

    public bool First { get; init; }

    public bool Second { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (First && Second)
        {
            yield return new ValidationResult("first and second exclude each other", [nameof(Second)]);
        }
    }
}

public sealed record SampleNestedOptions
{
    [Range(0, 10)]
    public int Depth { get; init; } = 1;
}

public sealed class SampleLogCollector : ICollector, IPlugin
{
    public static PluginSpec Spec => PluginSpec.For<SampleLogOptions>("logs", "Reads logs.", """{ "directory": "/srv" }""", onByDefault: true);

    public Task RunAsync(IObservationSink sink, CancellationToken cancellationToken) => Task.CompletedTask;
}

public sealed record SamplePollOptions;

public sealed class SamplePollCollector : ICollector, IPlugin
{
    public static PluginSpec Spec => PluginSpec.For<SamplePollOptions>("peer_status", "Polls.", "{}");

    public Task RunAsync(IObservationSink sink, CancellationToken cancellationToken) => Task.CompletedTask;
}

public sealed record SampleHookOptions
{
    [Required]
    public Uri? Url { get; init; }

    public string? Token { get; init; }
}

public sealed class SampleHookNotifier : INotifier, IPlugin
{
    public static PluginSpec Spec => PluginSpec.For<SampleHookOptions>("webhook", "Posts.", """{ "url": "http://localhost:1/" }""");

    public Task NotifyAsync(Delivery delivery, CancellationToken cancellationToken) => Task.CompletedTask;
}

internal static class Sample
{
    public static readonly PluginCatalog Catalog = new(typeof(Sample).Assembly);
}
