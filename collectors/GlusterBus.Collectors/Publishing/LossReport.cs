using System.Globalization;
using GlusterBus.Collectors.Publishing.Spooling;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Collectors.Publishing;

/// <summary>What the spool dropped, as an observation like any other.</summary>
internal static class LossReport
{
    /// <summary>The source of what the publisher itself has to tell, and the end of its stream's name.</summary>
    public const string Source = "publisher";

    /// <param name="node">The node whose observations were dropped.</param>
    /// <param name="megabytes">The bound of its spool.</param>
    /// <param name="at">Now.</param>
    public static ObservationBatch Of(SpoolLoss loss, string node, int megabytes, DateTimeOffset at)
    {
        string count = loss.Count.ToString(CultureInfo.InvariantCulture);
        string since = TransitionJson.Time(loss.Since);
        return new ObservationBatch
        {
            // Numbered by the count itself: a report that is told again after a crash is recognised.
            Stream = $"{node}/{Source}",
            Epoch = loss.Epoch,
            Observations =
            [
                new Observation
                {
                    Entity = EntityId.Of("collector", node),
                    Occurrence = "observations-dropped",
                    OccurrenceSeverity = Severity.Warning,
                    Attributes = new Dictionary<string, string?> { ["count"] = count, ["since"] = since },
                    Source = Source,
                    Node = node,
                    ObservedAt = at,
                    Sequence = loss.Total,
                    Evidence = new Evidence("cli", $"{count} observations since {since} did not fit into the spool of {megabytes} MiB", "glusterbus collect", node, at),
                },
            ],
        };
    }
}
