using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Runtime.Plugins;
using GlusterBus.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Conformance;

/// <summary>What every notifier must keep. A new one is found by the catalogue and needs no line here.</summary>
public sealed class NotifierContract
{
    private static readonly PluginCatalog Catalog = new(typeof(NotifierWorker).Assembly);

    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, PropertyNameCaseInsensitive = false };

    public static TheoryData<string> Notifiers => [.. Catalog.Notifiers.Select(p => p.Spec.Name)];

    [Fact]
    public void The_catalogue_finds_the_notifiers_that_every_installation_has() => new[] { "console", "email", "script", "webhook" }.ShouldBeSubsetOf(Catalog.Notifiers.Select(p => p.Spec.Name));

    [Theory]
    [MemberData(nameof(Notifiers))]
    public void The_name_is_snake_case_and_the_summary_one_line(string name)
    {
        PluginSpec spec = Catalog.Find(name)!.Spec;
        spec.Name.ShouldMatch("^[a-z][a-z0-9_]*$");
        spec.Summary.ShouldMatch("^[^\r\n]{10,120}[^.\r\n]$");
    }

    [Theory]
    [MemberData(nameof(Notifiers))]
    public void The_example_binds_strictly_and_is_valid(string name) => Problems(Example(name)).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Notifiers))]
    public void The_options_are_a_sealed_record_whose_defaults_are_valid_but_for_what_is_required(string name)
    {
        Type type = Catalog.Find(name)!.Spec.OptionsType;
        type.IsSealed.ShouldBeTrue();
        type.GetMethod("<Clone>$").ShouldNotBeNull("not a record");
        string[] required = [.. type.GetProperties().Where(p => p.GetCustomAttribute<RequiredAttribute>() is not null).Select(p => p.Name)];
        Problems(Activator.CreateInstance(type)!).SelectMany(p => p.MemberNames).ShouldBeSubsetOf(required);
    }

    [Theory]
    [MemberData(nameof(Notifiers))]
    public void The_options_can_only_be_set_while_they_are_made(string name) =>
        Catalog.Find(name)!.Spec.OptionsType.GetProperties().Where(p => p.SetMethod is not null)
            .ShouldAllBe(p => p.SetMethod!.ReturnParameter.GetRequiredCustomModifiers().Any(m => m.Name == "IsExternalInit"));

    [Theory]
    [MemberData(nameof(Notifiers))]
    public void It_is_made_from_its_example_and_allows_1_to_256_deliveries_at_once(string name)
    {
        INotifier notifier = Make(name);
        notifier.Concurrency.ShouldBeInRange(1, 256);
        (notifier as IDisposable)?.Dispose();
    }

    [Theory]
    [MemberData(nameof(Notifiers))]
    public async Task A_cancelled_delivery_ends_as_cancelled(string name)
    {
        INotifier notifier = Make(name);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        Transition transition = SampleTransitions.Brick();
        await Should.ThrowAsync<OperationCanceledException>(notifier.NotifyAsync(new Delivery(transition, TransitionJson.Write(transition), 1), cancelled.Token));
        (notifier as IDisposable)?.Dispose();
    }

    private static object Example(string name)
    {
        PluginSpec spec = Catalog.Find(name)!.Spec;
        return JsonSerializer.Deserialize(spec.Example, spec.OptionsType, Strict)!;
    }

    private static List<ValidationResult> Problems(object options)
    {
        var problems = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), problems, validateAllProperties: true);
        return problems;
    }

    private static INotifier Make(string name)
    {
        ServiceProvider services = new ServiceCollection()
            .AddSingleton(TimeProvider.System)
            .AddSingleton<ILoggerFactory>(new RecordingLogger())
            .AddSingleton(typeof(ILogger<>), typeof(Logger<>))
            .BuildServiceProvider();
        return (INotifier)Catalog.Find(name)!.Create(services, Example(name));
    }
}
