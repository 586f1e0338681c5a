using System.Text.RegularExpressions;
using GlusterBus.Contracts.Entities;

namespace GlusterBus.Collectors.GlusterEvents.Subjects;

/// <summary>Clients of this node's bricks. The bricks tell, so the volume is that of the brick's path.</summary>
internal static partial class ClientEvents
{
    public static Meaning? Map(Sighting s) => s.Event.Name switch
    {
        "CLIENT_CONNECT" => s.State(Client(s), "connected", Host(s)),
        "CLIENT_DISCONNECT" => s.State(Client(s), "disconnected", Host(s)),
        "CLIENT_AUTH_REJECT" => s.State(Client(s), "rejected", Host(s)),
        _ => null,
    };

    // The uid is new for each connection (RECON_NO) and each brick (PC_NAME); the part before is the client process.
    private static EntityId Client(Sighting s)
    {
        string uid = s["client_uid"];
        string volume = VolumeOf(s.Topology.LocalBrick(s["brick_path"], s.Node));
        Match parts = Uid().Match(uid);
        return parts.Success
            ? EntityId.Of("client", volume == EntityId.AnyVolume ? parts.Groups["volume"].Value : volume, parts.Groups["process"].Value)
            : EntityId.Of("client", volume, uid);
    }

    private static (string, string?)[] Host(Sighting s) => Uid().Match(s["client_uid"]) is { Success: true } parts ? [("host", parts.Groups["host"].Value)] : [];

    internal static string VolumeOf(EntityId brick) => brick.Name[..brick.Name.IndexOf('/', StringComparison.Ordinal)];

    [GeneratedRegex(@"^(?<process>CTX_ID:.+?-HOST:(?<host>.+?)) ?-PC_NAME:(?<volume>.+)-client-\d+-RECON_NO:")]
    private static partial Regex Uid();
}
