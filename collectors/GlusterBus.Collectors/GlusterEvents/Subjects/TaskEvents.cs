using GlusterBus.Contracts.Entities;

namespace GlusterBus.Collectors.GlusterEvents.Subjects;

/// <summary>Rebalance. Every node's process tells of its own end; the first word counts for the task, and a failure of any node is not undone by the success of another.</summary>
internal static class TaskEvents
{
    public static Meaning? Map(Sighting s) => s.Event.Name switch
    {
        "VOLUME_REBALANCE_START" => Meaning.Of(s.State(Task(s), "started")).Enriched(),
        "VOLUME_REBALANCE_STOP" => s.State(Task(s), "stopped"),
        "VOLUME_REBALANCE_COMPLETE" => s.State(Task(s), "completed") with { Unless = ["failed"] },
        "VOLUME_REBALANCE_FAILED" => s.State(Task(s), "failed"),
        "REBALANCE_START_FAILED" => s.Occurred(Task(s), "start-failed", Severity.Error),
        "REBALANCE_STATUS_UPDATE_FAILED" => s.Occurred(Task(s), "status-update-failed", Severity.Warning),
        _ => null,
    };

    private static EntityId Task(Sighting s) => EntityId.Of("rebalance", s.Volume!);
}
