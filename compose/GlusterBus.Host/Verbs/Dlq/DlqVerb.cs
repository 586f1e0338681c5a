using System.CommandLine;

namespace GlusterBus.Host.Verbs.Dlq;

/// <summary><c>glusterbus dlq</c>: what was parked on the broker, and what shall become of it.</summary>
internal sealed class DlqVerb : IVerb
{
    public static Command Build() => new VerbCommand("dlq", "Look at deliveries that failed for good, in the error queues on the broker, and send them again or drop them",
        "glusterbus dlq list",
        "glusterbus dlq show ops",
        "glusterbus dlq retry ops --all")
    {
        DlqList.Build(), DlqShow.Build(), DlqRetry.Build(), DlqDrop.Build(),
    };
}
