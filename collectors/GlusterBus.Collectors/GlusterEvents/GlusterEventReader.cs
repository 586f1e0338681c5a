using System.Globalization;
using System.Net;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Messages;
using GlusterBus.Runtime.Gluster;

namespace GlusterBus.Collectors.GlusterEvents;

/// <summary>From the bytes of one datagram to observations: the whole way but for the socket. Never throws for what a datagram holds.</summary>
public static class GlusterEventReader
{
    /// <summary>The self-heal daemon's client-pid: the one negative pid that stays and whose view of the bricks counts.</summary>
    private const int SelfHealDaemon = -6;

    /// <summary>Senders' clocks that are off by more are not believed.</summary>
    private static readonly TimeSpan MostSkew = TimeSpan.FromMinutes(5);

    /// <summary>Reads a datagram.</summary>
    /// <param name="datagram">The bytes as they came, or as they would.</param>
    /// <param name="sender">The address it came from; goes into the evidence.</param>
    /// <param name="isTrusted">Whether the sender belongs to the cluster. What an outsider tells can raise but never clear.</param>
    /// <param name="receivedAt">The time of its arrival: <see cref="Observation.ObservedAt"/>, because the datagram's own stamp has whole seconds only.</param>
    /// <param name="node">The receiving node.</param>
    /// <param name="options">The collector's options.</param>
    public static GlusterEventReading Read(
        ReadOnlySpan<byte> datagram, IPAddress sender, bool isTrusted, DateTimeOffset receivedAt, NodeContext node, GlusterEventsOptions options)
    {
        if (!GlusterDatagram.TryParse(datagram, GlusterEventNames.ForVersion(options.Version), out GlusterEvent? e, out DatagramError? error))
        {
            return new() { Error = error };
        }

        if (ReasonToIgnore(e, options) is { } ignored)
        {
            return new() { Event = e, Ignored = ignored };
        }

        DateTimeOffset at = (e.Stamp - receivedAt).Duration() > MostSkew ? receivedAt : e.Stamp;
        var evidence = new Evidence("datagram", DatagramText.Of(datagram, e), sender.ToString(), node.Name, at);
        try
        {
            Meaning meaning = GlusterEventMapping.Map(new Sighting(e, node.Topology, node.Name, receivedAt, evidence, isTrusted));
            return new() { Event = e, Observations = meaning.Observations, Reconcile = meaning.Reconcile };
        }
        catch (FormatException x)
        {
            // The one way in which a well-formed payload can fail: a name that can be no entity's.
            return new() { Event = e, Error = new(DatagramFault.BadValue, $"{e.Name}: {x.Message}") };
        }
    }

    private static IgnoredReason? ReasonToIgnore(GlusterEvent e, GlusterEventsOptions options)
    {
        if (!options.Clients && e.Name is ("CLIENT_CONNECT" or "CLIENT_DISCONNECT"))
        {
            return IgnoredReason.Client;
        }

        return e["client-pid"] is { } text && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int pid)
            && pid < 0 && pid != SelfHealDaemon
            ? IgnoredReason.Helper
            : null;
    }
}
