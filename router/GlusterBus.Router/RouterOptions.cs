namespace GlusterBus.Router;

/// <summary>Settings of the router.</summary>
public sealed record RouterOptions
{
    /// <summary>The cluster's name: GlusterFS has no cluster id, so the configuration gives one. The default is <c>gluster</c>.</summary>
    public string Cluster { get; init; } = "gluster";

    /// <summary>The most entities that senders outside the cluster may bring into being. The default is 1,000.</summary>
    public int MaximumUntrustedEntities { get; init; } = 1000;
}
