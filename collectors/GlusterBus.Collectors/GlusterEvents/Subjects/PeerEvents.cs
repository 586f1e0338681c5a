using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Collectors.GlusterEvents.Subjects;

/// <summary>The other nodes as this one sees them.</summary>
internal static class PeerEvents
{
    private const string NoUuid = "00000000-0000-0000-0000-000000000000";

    public static Meaning? Map(Sighting s) => s.Event.Name switch
    {
        // A probe of a known peer succeeds too and changes nothing.
        "PEER_ATTACH" => Meaning.Of(s.State(s.Peer, "attached") with { Unless = ["connected", "disconnected", "rejected"] }).Enriched(),

        // Sent even when the operator answers "n" to the question, so a look must confirm it.
        "PEER_DETACH" => Meaning.Of(s.State(s.Peer, "detached") with { Weight = Weight.Hint }).Confirmed(),

        // A rejected peer connects and disconnects every 3 s for ever; its connection says nothing about the rejection.
        "PEER_CONNECT" => s.State(s.Peer, "connected", Uuid(s)) with { Unless = ["rejected"] },
        "PEER_DISCONNECT" when IsFailedProbe(s) => s.State(s.Peer, "disconnected") with { Weight = Weight.Hint },
        "PEER_DISCONNECT" => s.State(s.Peer, "disconnected", Uuid(s)) with { Unless = ["rejected", "detached"] },
        "PEER_REJECT" => s.State(s.Peer, "rejected", Uuid(s)),

        "PEER_STORE_FAILURE" => s.Occurred(s.Peer, "store-failed", Severity.Error),
        "PEER_RPC_CREATE_FAILED" => s.Occurred(s.Peer, "rpc-create-failed", Severity.Error),
        "PEER_NOT_FOUND" => s.Occurred(s.Peer, "not-found", Severity.Warning),
        "UNKNOWN_PEER" => s.Occurred(s.Peer, "unknown-peer", Severity.Warning),
        "NOTIFY_UNKNOWN_OP" => s.Occurred(EntityId.Node(s.Node), "unknown-notify-op", Severity.Warning),
        _ => null,
    };

    // "peer probe nosuchhost" ends with this; there never was a peer.
    private static bool IsFailedProbe(Sighting s) => s.Event["uuid"] == NoUuid && s.Event["state"] == "Establishing Connection";

    private static (string, string?)[] Uuid(Sighting s) => s.Event["uuid"] is { Length: > 0 } uuid && uuid != NoUuid ? [("uuid", uuid)] : [];
}
