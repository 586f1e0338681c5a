using System.Globalization;

namespace GlusterBus.Collectors.Systemd;

/// <summary>What systemd has told of a unit so far. A value; null is what it has not told.</summary>
internal sealed record UnitState
{
    /// <summary>The properties that are read, of the interfaces of units and of services.</summary>
    public static readonly IReadOnlySet<string> Names = new HashSet<string>(StringComparer.Ordinal)
    {
        "LoadState", "ActiveState", "SubState", "StateChangeTimestamp", "NRestarts", "Result",
    };

    /// <summary><c>loaded not-found masked bad-setting error merged</c>. No signal tells it, only a look.</summary>
    public string? LoadState { get; init; }

    /// <summary><c>active reloading inactive failed activating deactivating maintenance refreshing</c>.</summary>
    public string? ActiveState { get; init; }

    /// <summary>The state in the words of the unit's type, such as <c>running dead auto-restart</c>.</summary>
    public string? SubState { get; init; }

    /// <summary>How often systemd itself has started the service again, since it was last started by order.</summary>
    public string? Restarts { get; init; }

    /// <summary>How the last run of the service ended, such as <c>success exit-code signal core-dump</c>.</summary>
    public string? Result { get; init; }

    /// <summary>When the state last changed; null for a unit that was never started since the machine was.</summary>
    public DateTimeOffset? ChangedAt { get; init; }

    /// <summary>The state with what a report told.</summary>
    public UnitState With(IReadOnlyDictionary<string, string> told) => this with
    {
        LoadState = told.GetValueOrDefault("LoadState", LoadState!),
        ActiveState = told.GetValueOrDefault("ActiveState", ActiveState!),
        SubState = told.GetValueOrDefault("SubState", SubState!),
        Restarts = told.GetValueOrDefault("NRestarts", Restarts!),
        Result = told.GetValueOrDefault("Result", Result!),
        ChangedAt = told.TryGetValue("StateChangeTimestamp", out string? microseconds) ? Instant(microseconds) : ChangedAt,
    };

    private static DateTimeOffset? Instant(string microseconds) =>
        long.TryParse(microseconds, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
        && number > 0 && number < (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond
            ? DateTimeOffset.UnixEpoch.AddTicks(number * TimeSpan.TicksPerMicrosecond)
            : null;
}
