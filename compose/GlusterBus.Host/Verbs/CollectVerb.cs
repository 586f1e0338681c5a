using System.CommandLine;
using GlusterBus.Host.Composition;

namespace GlusterBus.Host.Verbs;

/// <summary><c>glusterbus collect</c>: run this node's collectors and publish to the broker until stopped.</summary>
internal sealed class CollectVerb : IVerb
{
    public static Command Build() => RoleRun.Verb(
        CollectorInstance.Role,
        "Run this node's collectors and publish to the broker until stopped",
        [
            "glusterbus collect",
            "glusterbus collect --config ./glusterbus.json",
            "GLUSTERBUS__RABBITMQ__HOSTS='[\"mq1\",\"mq2\"]' glusterbus collect",
        ],
        async (configuration, clock, loggers, stop) => await CollectorInstance.StartAsync(configuration, clock, loggers, stop));
}
