using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Host.Composition;

/// <summary>What a role of the distributed deployment has of a machine: several roles on one machine may share one configuration.</summary>
internal static class RolePaths
{
    /// <summary>The roles of the distributed deployment, in the order in which a client looks for one that knows the state.</summary>
    public static readonly IReadOnlyList<string> WithState = ["route", "notify"];

    /// <summary>Every socket that a role answers on by default, those that know the state first.</summary>
    public static IEnumerable<string> UsualSockets => [new ApiOptions().Socket, .. Roles.Select(Socket)];

    private static IEnumerable<string> Roles => [.. WithState, CollectorInstance.Role, "demo"];

    /// <summary>The role's own folder below the configured one; its own socket, unless the configuration names one; the dashboard for <c>notify</c> alone, since a
    /// port can be served once.</summary>
    public static GlusterBusOptions For(string role, GlusterBusOptions options) => options with
    {
        DataDirectory = Path.Combine(options.DataDirectory, role),
        Api = options.Api with
        {
            Socket = options.Api.Socket == new ApiOptions().Socket ? Socket(role) : options.Api.Socket,
            Dashboard = role == NotifierInstance.Role ? options.Api.Dashboard : null,
        },
    };

    /// <summary>Where a role answers that runs with the usual socket. Its folder is its own, since each role may run as a user of its own.</summary>
    public static string Socket(string role) => Path.Combine(Path.GetDirectoryName(new ApiOptions().Socket)!, role, "glusterbus.sock");

    /// <summary>The role whose usual socket that is; null when it is nobody's.</summary>
    public static string? RoleOf(string socket) => Roles.FirstOrDefault(role => Socket(role) == socket);
}
