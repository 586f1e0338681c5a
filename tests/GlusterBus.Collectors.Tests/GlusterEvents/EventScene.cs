using System.Net;
using System.Text;
using System.Xml.Linq;
using GlusterBus.Collectors.GlusterEvents;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Messages;
using GlusterBus.Runtime.Gluster;

namespace GlusterBus.Collectors.Tests.GlusterEvents;

/// <summary>A node of a small cluster on which datagrams arrive.</summary>
internal static class EventScene
{
    public static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1795339000);

    public static readonly Topology Topology = new()
    {
        OwnUuid = "11111111-0000-0000-0000-000000000000",
        PeerNames = new Dictionary<string, string> { ["22222222-0000-0000-0000-000000000000"] = "gl2" },
        PeerAliases = new Dictionary<string, string> { ["10.77.0.2"] = "gl2" },
        VolumeNames = new Dictionary<string, string> { ["aaaaaaaa-0000-0000-0000-000000000000"] = "rv" },
        Bricks = [new("rv", "gl1:/srv/rv1", IsLocal: true), new("rv", "gl2:/srv/rv1", IsLocal: false), new("hv", "gl2:/srv/hv", IsLocal: false)],
    };

    public static NodeContext Node(string stateDirectory = "/nonexistent", bool isKnown = true)
    {
        var node = new NodeContext("gl1", new NoCli(), stateDirectory, epoch: 7) { Topology = Topology };
        if (isKnown)
        {
            node.MarkKnown();
        }

        return node;
    }

    public static GlusterEventReading Read(string datagram, GlusterEventsOptions? options = null, bool isTrusted = true) => Read(Encoding.UTF8.GetBytes(datagram), options, isTrusted);

    public static GlusterEventReading Read(byte[] datagram, GlusterEventsOptions? options = null, bool isTrusted = true) =>
        GlusterEventReader.Read(datagram, IPAddress.IPv6Loopback, isTrusted, Now, Node(), options ?? new GlusterEventsOptions());

    public static Observation Only(string payload)
    {
        GlusterEventReading reading = Read("1795339000 " + payload);
        reading.Error.ShouldBeNull();
        return reading.Observations.ShouldHaveSingleItem();
    }

    /// <summary>An observation in one line: entity, what it claims, attributes.</summary>
    public static string Line(Observation o) => string.Join(' ', new[]
    {
        o.Entity.Value,
        o.State is not null ? "= " + o.State : o.Occurrence is not null ? $"! {o.Occurrence} ({o.OccurrenceSeverity})" : $"~ {o.Change ?? "changed"}",
        o.Weight == Weight.Hint ? "HINT" : "",
        o.Unless.Count > 0 ? $"unless {string.Join(',', o.Unless)}" : "",
        string.Join(' ', o.Attributes.Select(a => $"[{a.Key}={a.Value ?? "∅"}]")),
    }.Where(part => part.Length > 0));

    private sealed class NoCli : IGlusterCli
    {
        public Task<XDocument> QueryAsync(IReadOnlyList<string> command, CancellationToken cancellationToken) => throw new GlusterReplyException("no glusterd here");

        public Task<string> GetStateAsync(CancellationToken cancellationToken) => throw new GlusterReplyException("no glusterd here");
    }
}
