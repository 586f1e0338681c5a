using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Runtime.Gluster;

namespace GlusterBus.Notifiers.Webhook;

/// <summary>A transition as a consumer of glustereventsd expects it.</summary>
internal static class ClassicPayload
{
    /// <summary>The JSON; null when glustereventsd has no event for it.</summary>
    /// <param name="transition">What to tell.</param>
    /// <param name="nodeId">The configured <c>nodeid</c>; empty takes the observing node's.</param>
    public static byte[]? Of(Transition transition, string nodeId) =>
        ClassicMapping.FromTransition(transition) is { } classic ? ClassicEvent.Write(classic, nodeId == "" ? Observer(transition) : nodeId) : null;

    /// <summary>The uuid of the node that saw it where the transition tells that node's uuid, else the node's name.</summary>
    private static string Observer(Transition t)
    {
        string node = t.Evidence.Count > 0 ? t.Evidence[0].Node : "";
        bool isItself = t.Entity.Kind == "node" && t.Entity == EntityId.Node(node == "" ? "?" : node);
        return isItself && t.Attributes.TryGetValue("uuid", out string? uuid) ? uuid : node;
    }
}
