namespace GlusterBus.Contracts.Plugins;

/// <summary>Name, summary, options and example of a plugin: the source of <c>glusterbus plugins</c>, of the configuration schema and of conformance tests.</summary>
public sealed record PluginSpec
{
    /// <summary>The name in the configuration, snake_case.</summary>
    public required string Name { get; init; }

    public required string Summary { get; init; }

    /// <summary>A sealed record whose fresh instance holds the recommended defaults.</summary>
    public required Type OptionsType { get; init; }

    /// <summary>A working JSON section; tests bind it.</summary>
    public required string Example { get; init; }

    /// <summary>True for plugins that run where the configuration does not mention them.</summary>
    public bool OnByDefault { get; init; }

    public static PluginSpec For<TOptions>(string name, string summary, string example, bool onByDefault = false)
        where TOptions : class, new() =>
        new() { Name = name, Summary = summary, OptionsType = typeof(TOptions), Example = example, OnByDefault = onByDefault };
}
