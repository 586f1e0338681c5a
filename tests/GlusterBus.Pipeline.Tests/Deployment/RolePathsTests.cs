using GlusterBus.Host.Composition;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Pipeline.Tests.Deployment;

/// <summary>One configuration for several roles on one machine.</summary>
public sealed class RolePathsTests
{
    private static readonly string[] Roles = ["collect", "route", "notify", "demo"];

    [Fact]
    public void No_two_roles_share_a_folder_or_a_socket() =>
        Roles.Select(role => RolePaths.For(role, new GlusterBusOptions())).SelectMany(options => (string[])[options.DataDirectory, options.Api.Socket]).ShouldBeUnique();

    [Fact]
    public void One_role_serves_the_dashboard_since_a_port_can_be_bound_once() =>
        Roles.Where(role => RolePaths.For(role, new GlusterBusOptions { Api = new ApiOptions { Dashboard = "8056" } }).Api.Dashboard is not null).ShouldBe(["notify"]);

    [Fact]
    public void A_usual_socket_tells_whose_it_is()
    {
        Roles.ShouldAllBe(role => RolePaths.RoleOf(RolePaths.For(role, new GlusterBusOptions()).Api.Socket) == role);
        RolePaths.RoleOf(new ApiOptions().Socket).ShouldBeNull();
    }

    [Fact]
    public void A_socket_that_is_configured_is_used_as_it_is() =>
        RolePaths.For("route", new GlusterBusOptions { Api = new ApiOptions { Socket = "/tmp/own.sock" } }).Api.Socket.ShouldBe("/tmp/own.sock");
}
