namespace GlusterBus.Host.Demo.Simulation;

/// <summary>A process that talks to bricks: a mount, a self-heal daemon, or a short-lived <c>heal info</c>.</summary>
/// <param name="Kind">Gluster's client-pid: 0 for a mount, −6 for a self-heal daemon, −7 for <c>heal info</c>.</param>
/// <param name="Reports">The node whose listener gets what this client sends: its own, or its volfile server for a mount elsewhere.</param>
internal sealed record SimulatedClient(string Host, string Address, Guid Context, int Pid, int Kind, string Reports)
{
    public static SimulatedClient ShdOf(SimulatedNode node) => new(node.Name, node.Address, node.ShdContext, node.ShdPid, -6, node.Name);

    public string Uid(string volume, int brick, int reconnects = 0) =>
        $"CTX_ID:{Context}-GRAPH_ID:0-PID:{Pid}-HOST:{Host}-PC_NAME:{volume}-client-{brick}-RECON_NO:-{reconnects}";
}
