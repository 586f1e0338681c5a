using GlusterBus.Contracts.Entities;

namespace GlusterBus.Router.Decisions.Stages;

/// <summary>What does as its volume says is no news: parts of a volume that is not started are down, parts of a started one are healthy.
/// Only a deviation is announced, and its end.</summary>
internal static class ExpectationStage
{
    private static readonly string[] NotRunning = ["created", "stopped", "deleted"];
    private static readonly string[] DownStates = ["offline", "down", "no-quorum", "degraded", "lost"];

    /// <summary>Applies the claim to the entry and rules whether the world is told.</summary>
    public static Suppression Judge(Case c)
    {
        if (c.Observation.Occurrence is not null || (!c.ChangesState && c.HasChanged))
        {
            return Suppression.None;
        }

        string next = c.Observation.State!;
        Severity severity = c.Kind.SeverityOf(next);
        bool isBad = severity is Severity.Unknown or >= Severity.Warning;
        if (isBad)
        {
            if (c.Kind.HealthyIsExpected && IsDownExpected(c, next))
            {
                return Suppression.Expected;
            }

            c.WasAnnounced = IsRetold(c);
            return c.WasAnnounced ? Suppression.Expected : Suppression.None;
        }

        if (c.Entry.AnnouncedBad && !c.Kind.PassedQuietly.Contains(next))
        {
            return Suppression.None;
        }

        bool isQuiet = c.Kind.HealthyIsExpected
            || c.IsPart
            || IsRetold(c)
            || c.Kind.PassedQuietly.Contains(next)
            || (c.IsBaseline && c.Before?.State is null)
            || (severity == Severity.Ok && c.Entry.State is { } previous && c.Kind.SettlesQuietly.Contains(previous));
        return isQuiet ? Suppression.Expected : Suppression.None;
    }

    /// <summary>True when a bad state that was quiet, because it was expected, is not expected any more: it is announced late rather than never.</summary>
    public static bool IsOverdue(Case c) =>
        c.Observation.State is { } state
        && state == c.Entry.State
        && c.Kind.HealthyIsExpected
        && !c.Entry.AnnouncedBad
        && c.Kind.SeverityOf(state) >= Severity.Warning
        && !IsDownExpected(c, state);

    private static bool IsRetold(Case c) => c.IsRetold && c.Before?.KnownState is null;

    private static bool IsDownExpected(Case c, string state) =>
        DownStates.Contains(state)
        && VolumeOf(c.Observation.Entity) is { } volume
        && c.State.Find(EntityId.Volume(volume))?.KnownState is { } volumeState
        && NotRunning.Contains(volumeState);

    private static string? VolumeOf(EntityId entity)
    {
        if (entity.Kind is not ("brick" or "subvol" or "quorum"))
        {
            return null;
        }

        string name = entity.Name;
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? name : name[..slash];
    }
}
