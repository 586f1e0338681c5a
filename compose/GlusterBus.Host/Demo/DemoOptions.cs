namespace GlusterBus.Host.Demo;

/// <summary>How the demo is to be played.</summary>
internal sealed record DemoOptions
{
    /// <summary>End after the story with a verdict. The default goes on with the storm until Ctrl-C.</summary>
    public bool Once { get; init; }

    /// <summary>The same seed gives the same story: uuids, ports, order and lines.</summary>
    public int Seed { get; init; }

    /// <summary>How much faster than life, 0.1 to 20. The default is 1: 43 seconds.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>Leave the data folder behind: logs, checkpoints, database.</summary>
    public bool Keep { get; init; }

    /// <summary>Play on the configured broker with the routers that run there, instead of a pipeline of its own.</summary>
    public bool Distributed { get; init; }

    /// <summary>The port on loopback where the dashboard is served, 0 for any free one; null, the default, serves none.</summary>
    public int? Dashboard { get; init; }

    /// <summary>Transitions as JSON lines.</summary>
    public bool Json { get; init; }
}
