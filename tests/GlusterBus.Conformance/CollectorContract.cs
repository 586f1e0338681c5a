using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Xml.Linq;
using GlusterBus.Collectors;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Runtime.Gluster;
using GlusterBus.Runtime.Plugins;
using GlusterBus.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace GlusterBus.Conformance;

/// <summary>What every collector must keep. New ones are found by themselves.</summary>
public sealed class CollectorContract
{
    private static readonly PluginCatalog Catalog = new(typeof(CollectorRunner).Assembly);

    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        PropertyNameCaseInsensitive = false,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static TheoryData<string> Names => [.. Catalog.Collectors.Select(p => p.Spec.Name)];

    [Fact]
    public void There_are_collectors() => Catalog.Collectors.ShouldNotBeEmpty();

    [Theory]
    [MemberData(nameof(Names))]
    public void It_has_a_snake_case_name_and_says_what_it_does(string name)
    {
        PluginSpec spec = Catalog.Find(name)!.Spec;
        spec.Name.ShouldMatch("^[a-z][a-z0-9_]*$");
        spec.Summary.ShouldEndWith(".");
        spec.OptionsType.IsSealed.ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Its_example_binds_strictly_and_its_defaults_are_valid(string name)
    {
        PluginSpec spec = Catalog.Find(name)!.Spec;
        object example = JsonSerializer.Deserialize(spec.Example, spec.OptionsType, Strict).ShouldNotBeNull();
        foreach (object options in new[] { example, Activator.CreateInstance(spec.OptionsType)! })
        {
            Validator.TryValidateObject(options, new ValidationContext(options), [], validateAllProperties: true).ShouldBeTrue();
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_ends_when_it_is_told_to_even_while_the_sink_hangs(string name)
    {
        using var folder = new TemporaryFolder();
        PluginEntry plugin = Catalog.Find(name)!;
        ServiceProvider services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).BuildServiceProvider();
        var node = new NodeContext("n1", new SilentGluster(), folder.Path, epoch: 1);
        object options = Activator.CreateInstance(plugin.Spec.OptionsType)!;
        plugin.Spec.OptionsType.GetProperty("Port")?.SetValue(options, 0);
        plugin.Spec.OptionsType.GetProperty("Directory")?.SetValue(options, folder.Path);
        var collector = (ICollector)plugin.Create(services, options, node);
        using var stop = new CancellationTokenSource();
        Task running = collector.RunAsync(new HangingSink(), stop.Token);
        await Task.Yield();
        await stop.CancelAsync();
        await Task.WhenAny(running, Task.Delay(TimeSpan.FromSeconds(20), TimeProvider.System));
        running.IsCompleted.ShouldBeTrue();
    }

    private sealed class HangingSink : IObservationSink
    {
        public async ValueTask PublishAsync(Contracts.Messages.ObservationBatch batch, CancellationToken cancellationToken) =>
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
    }

    private sealed class SilentGluster : IGlusterCli
    {
        public async Task<XDocument> QueryAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return new XDocument();
        }

        public async Task<string> GetStateAsync(CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return "";
        }
    }
}
