using System.CommandLine;
using GlusterBus.Host.Composition;

namespace GlusterBus.Host.Verbs;

/// <summary><c>glusterbus notify</c>: run the configured notifiers on the broker's channels until stopped.</summary>
internal sealed class NotifyVerb : IVerb
{
    public static Command Build() => RoleRun.Verb(
        NotifierInstance.Role,
        "Run the configured notifiers on the broker's channels until stopped",
        [
            "glusterbus notify",
            "glusterbus notify --config ./glusterbus.json",
        ],
        async (configuration, clock, loggers, stop) => await NotifierInstance.StartAsync(configuration, clock, loggers, stop));
}
