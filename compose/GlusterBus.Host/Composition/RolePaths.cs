using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Host.Composition;

/// <summary>Where a role of the distributed deployment keeps its files: several roles on one machine may share one configuration.</summary>
internal static class RolePaths
{
    /// <summary>The roles of the distributed deployment, in the order in which a client looks for one that knows the state.</summary>
    public static readonly IReadOnlyList<string> WithState = ["route", "notify"];

    /// <summary>Every socket that a role answers on by default, those that know the state first.</summary>
    public static IEnumerable<string> UsualSockets => [new ApiOptions().Socket, .. WithState.Select(Socket), Socket(CollectorInstance.Role), Socket("demo")];

    /// <summary>The role's own folder below the configured one; its own socket, unless the configuration names one.</summary>
    public static GlusterBusOptions For(string role, GlusterBusOptions options) => options with
    {
        DataDirectory = Path.Combine(options.DataDirectory, role),
        Api = options.Api.Socket == new ApiOptions().Socket ? options.Api with { Socket = Socket(role) } : options.Api,
    };

    /// <summary>Where a role answers that runs with the usual socket. Its folder is its own, since each role may run as a user of its own.</summary>
    public static string Socket(string role) => Path.Combine(Path.GetDirectoryName(new ApiOptions().Socket)!, role, "glusterbus.sock");
}
