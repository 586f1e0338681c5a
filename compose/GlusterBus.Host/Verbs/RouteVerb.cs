using System.CommandLine;
using GlusterBus.Host.Composition;

namespace GlusterBus.Host.Verbs;

/// <summary><c>glusterbus route</c>: decide and publish transitions, or stand by for the router that does, until stopped.</summary>
internal sealed class RouteVerb : IVerb
{
    public static Command Build() => RoleRun.Verb(
        RouterInstance.Role,
        "Decide and publish transitions, or stand by for the router that does, until stopped",
        [
            "glusterbus route",
            "glusterbus route --config ./glusterbus.json",
        ],
        async (configuration, clock, loggers, stop) => await RouterInstance.StartAsync(configuration, clock, loggers, stop));
}
