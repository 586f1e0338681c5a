using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Collectors.Systemd;

/// <summary>From units to observations. Pure. What systemd has not told is absent, and of a unit that it never started it tells no state: a glusterd that was
/// started by hand runs all the same.</summary>
internal static class UnitMapping
{
    public const string Source = "systemd";

    /// <param name="unit">The unit's full name.</param>
    /// <param name="isGlusterd">True for the one that runs glusterd.</param>
    /// <param name="state">What is known of it.</param>
    /// <param name="node">The node's name.</param>
    /// <param name="lookedAt">When the look began; null for a signal.</param>
    public static IReadOnlyList<Observation> Observe(string unit, bool isGlusterd, UnitState state, string node, DateTimeOffset? lookedAt)
    {
        string? claim = state.ChangedAt is null ? null : isGlusterd ? GlusterdState(state) : ServiceState(state);
        if ((state.ChangedAt ?? lookedAt) is not { } at)
        {
            return [];
        }

        var observation = new Observation
        {
            Entity = isGlusterd ? EntityId.Node(node) : EntityId.Daemon(node, UnitName.Short(unit)),
            State = claim,
            Attributes = Attributes(unit, isGlusterd, state),
            Source = Source,
            Node = node,
            ObservedAt = at,
            Evidence = new Evidence(Source, Evidence.Bound(Proof(state)), $"systemctl show {unit}", node, at),
        };

        // A look tells of a state that may be old, so that others know better: how the unit is, is true now all the same.
        return lookedAt is { } looked && looked > at ? [observation, observation with { State = null, ObservedAt = looked }] : [observation];
    }

    /// <summary>A state of the kind <c>node</c>; null while it is on the way from one to another.</summary>
    internal static string? GlusterdState(UnitState state) => (state.ActiveState, state.SubState) switch
    {
        ("active" or "reloading" or "refreshing", _) => "online",
        ("inactive" or "failed", _) => "offline",
        ("activating", "auto-restart" or "auto-restart-queued") => "restarting",
        _ => null,
    };

    /// <summary>A state of the kind <c>daemon</c>; null while it is on the way from one to another. A service that is stopped is not needed.</summary>
    internal static string? ServiceState(UnitState state) => (state.ActiveState, state.SubState) switch
    {
        ("active" or "reloading" or "refreshing", _) => "online",
        ("inactive", _) => "stopped",
        ("failed", _) => "failed",
        ("activating", "auto-restart" or "auto-restart-queued") => "offline",
        _ => null,
    };

    private static Dictionary<string, string?> Attributes(string unit, bool isGlusterd, UnitState state)
    {
        var attributes = new Dictionary<string, string?>(StringComparer.Ordinal);
        Add("loadState", state.LoadState);
        Add("activeState", state.ActiveState);
        Add("subState", state.SubState);
        Add("restarts", state.Restarts);
        if (!isGlusterd)
        {
            Add("daemon", UnitName.Short(unit));
            Add("unit", unit);
        }

        return attributes;

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                attributes[name] = value;
            }
        }
    }

    private static string Proof(UnitState state)
    {
        (string Name, string? Value)[] told =
            [("LoadState", state.LoadState), ("ActiveState", state.ActiveState), ("SubState", state.SubState), ("NRestarts", state.Restarts), ("Result", state.Result)];
        return string.Join('\n', told.Where(pair => pair.Value is not null).Select(pair => $"{pair.Name}={pair.Value}"));
    }
}
