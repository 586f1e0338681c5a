using System.Globalization;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Runtime.Gluster;

namespace GlusterBus.Collectors.GetState;

/// <summary>From what glusterd tells to observations. Pure: the same input gives the same observations in the same order.</summary>
public static class GetStateMapping
{
    /// <summary>The prefix of attributes that hold volume options.</summary>
    public const string OptionPrefix = "options.";

    /// <summary>While <c>volume stop</c> runs (1.1 s measured) bricks are stopped before their volume is.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);

    /// <summary>After a restart of glusterd, bricks that live on look stopped until it has connected to them again (1.2 s measured on three
    /// nodes, more than 6 s where the machine was overloaded).</summary>
    public static readonly TimeSpan LongPatience = TimeSpan.FromSeconds(15);

    /// <summary>So do daemons, for longer (1.5 s to 9.7 s measured).</summary>
    public static readonly TimeSpan DaemonPatience = TimeSpan.FromSeconds(15);

    /// <summary>A brick that <c>volume replace-brick</c> brings looks stopped until the command is done with it (4 s measured on a busy machine), and was
    /// never anything else. One that can't start says so in the logs, at once.</summary>
    public static readonly TimeSpan NewcomerPatience = TimeSpan.FromSeconds(15);

    /// <param name="info">Adds what get-state lacks; may be older than <paramref name="state"/> or absent.</param>
    /// <param name="peers">As <paramref name="info"/>.</param>
    /// <param name="node">The node's name.</param>
    /// <param name="at">When the looking began.</param>
    /// <param name="isAlone">True to speak for the bricks of other nodes too: they exist, how they are is not known here.</param>
    public static ClusterView Observe(ClusterState state, VolumeInfo? info, PeerStatus? peers, string node, DateTimeOffset at, bool isAlone = true)
    {
        var view = new ClusterViewWriter(node, at);
        view.Add(EntityId.Node(node), "online", $"MYUUID: {state.Uuid}", ("uuid", Known(state.Uuid)), ("opVersion", Text(state.OpVersion)));
        VolumeEntry[] volumes = [.. state.Volumes.OrderBy(v => v.Name, StringComparer.Ordinal)];
        foreach (VolumeEntry volume in volumes)
        {
            AddVolume(view, volume);
        }

        foreach (VolumeEntry volume in volumes)
        {
            VolumeInfoEntry? details = info?.Volumes.FirstOrDefault(v => v.Name == volume.Name && v.Id == volume.Id);
            foreach (BrickEntry brick in volume.Bricks.Where(brick => isAlone || brick.IsLocal))
            {
                AddBrick(view, volume, brick, details?.Bricks.FirstOrDefault(b => b.HostAndPath == brick.HostAndPath));
            }
        }

        foreach (VolumeEntry volume in volumes)
        {
            AddQuorum(view, volume);
        }

        foreach (PeerEntry peer in state.Peers.OrderBy(p => p.Name, StringComparer.Ordinal))
        {
            AddPeer(view, node, peer, peers?.Peers.FirstOrDefault(p => p.Uuid == peer.Uuid && p.Uuid.Length > 0));
        }

        NodeDaemons.Add(view, node, state);
        bool hasSessions = AddSessions(view, volumes);
        bool hasSnapshots = AddSnapshots(view, volumes);
        return view.Finish([
            "volume/", .. isAlone ? ["brick/"] : OwnBricks.Scopes(state, node), "quorum/", $"peer/{node}/", $"daemon/{node}/",
            .. hasSessions ? ["georep/"] : Array.Empty<string>(),
            .. hasSnapshots ? ["snapshot/"] : Array.Empty<string>()]);
    }

    /// <summary>What to publish when glusterd does not run: the node alone. Not seeing the rest does not mean that it is gone.</summary>
    public static Observation NodeDown(string node, DateTimeOffset at, string reason) => new()
    {
        Entity = EntityId.Node(node),
        State = "offline",

        // systemd, which is about to start it again, knows more of the same trouble.
        Unless = ["restarting"],
        Source = ClusterViewWriter.Source,
        Node = node,
        ObservedAt = at,
        Evidence = new Evidence("cli", Evidence.Bound(reason), ClusterViewWriter.Command, node, at),
    };

    /// <summary>Adds a null for each volume option that was set in the look before and is not set any more.</summary>
    public static Observation WithUnset(Observation current, IReadOnlyDictionary<string, string?>? before)
    {
        string[] unset = before is null
            ? []
            : [.. before.Keys.Where(key => key.StartsWith(OptionPrefix, StringComparison.Ordinal) && !current.Attributes.ContainsKey(key))];
        return unset.Length == 0
            ? current
            : current with { Attributes = current.Attributes.Concat(unset.Select(key => KeyValuePair.Create(key, (string?)null))).ToDictionary(StringComparer.Ordinal) };
    }

    internal static string PeerState(string friendState, bool isConnected) => (friendState, isConnected) switch
    {
        ("Peer Rejected", _) => "rejected",
        ("Peer in Cluster", true) => "connected",
        ("Peer in Cluster", false) => "disconnected",
        _ => "handshaking",
    };

    internal static string? BrickState(BrickEntry brick) => (brick.Status, brick.IsRegistered) switch
    {
        (null, _) => null,
        ("Started", false) => "starting",
        ("Started", _) => "online",
        ("Stopped", _) => "offline",
        ("Starting", _) => "starting",
        ("Stopping", _) => "stopping",
        _ => "unknown",
    };

    private static void AddVolume(ClusterViewWriter view, VolumeEntry volume)
    {
        string state = volume.Status switch { "Created" => "created", "Started" => "started", "Stopped" => "stopped", _ => "unknown" };
        var attributes = new List<(string, string?)>
        {
            ("id", Known(volume.Id)),
            ("type", Known(volume.Type)),
            ("transport", Known(volume.Transport)),
            ("brickCount", Text(volume.BrickCount)),
            ("replicaCount", Text(volume.ReplicaCount)),
            ("arbiterCount", Text(volume.ArbiterCount)),
            ("disperseCount", Text(volume.DisperseCount)),
            ("redundancyCount", Text(volume.RedundancyCount)),
        };
        attributes.AddRange(volume.Options
            .OrderBy(o => o.Key, StringComparer.Ordinal)
            .Select(o => (OptionPrefix + o.Key, (string?)OptionPairs.Show(o.Key, o.Value))));
        view.Add(ClusterViewWriter.Id("volume", volume.Name), state, $"Volume{volume.Number}.status: {volume.Status}", [.. attributes]);
    }

    private static void AddBrick(ClusterViewWriter view, VolumeEntry volume, BrickEntry brick, BrickInfo? details)
    {
        string key = $"Volume{volume.Number}.Brick{brick.Number}";
        string evidence = brick.IsLocal
            ? $"{key}.path: {brick.HostAndPath}\n{key}.port_registered: {(brick.IsRegistered == true ? 1 : 0)}\n{key}.status: {brick.Status}"
            : $"{key}.path: {brick.HostAndPath}";
        EntityId? id = ClusterViewWriter.Id("brick", volume.Name, brick.HostAndPath);
        string? state = BrickState(brick);

        // A brick that failed in a way some source has named stays so: a stopped process is no news then.
        view.Add(
            id,
            state,
            evidence,
            unless: state == "offline" ? ["start-failed", "health-failed", "refused", "resetting"] : [],
            ("volume", volume.Name),
            ("host", brick.Host),
            ("path", PathOf(brick)),
            ("hostUuid", details is null ? null : Known(details.HostUuid)),
            ("arbiter", brick.IsArbiter || details?.IsArbiter == true ? "true" : null));
        if (state == "offline" && volume.IsStarted)
        {
            // Still registered: the process vanished under glusterd's eyes. Else it signed out, or glusterd has just started.
            view.Alarm(id, brick.IsRegistered == true ? Patience : LongPatience);
        }
    }

    private static void AddQuorum(ClusterViewWriter view, VolumeEntry volume)
    {
        string? state = volume.QuorumStatus switch { "not_applicable" => "not-applicable", "meets" => "met", "does_not_meet" => "lost", _ => null };
        if (state is not null)
        {
            EntityId? id = ClusterViewWriter.Id("quorum", volume.Name);
            view.Add(id, state, $"Volume{volume.Number}.quorum_status: {volume.QuorumStatus}");
            if (state == "lost")
            {
                view.Alarm(id, Patience);
            }
        }
    }

    private static void AddPeer(ClusterViewWriter view, string node, PeerEntry peer, PeerStatusEntry? details)
    {
        string key = $"Peer{peer.Number}";
        string state = PeerState(peer.FriendState, peer.IsConnected);
        EntityId? id = ClusterViewWriter.Id("peer", node, peer.Name);
        view.Add(
            id,
            state,
            $"{key}.primary_hostname: {peer.Name}\n{key}.state: {peer.FriendState}\n{key}.connected: {(peer.IsConnected ? "Connected" : "Disconnected")}",
            ("uuid", Known(peer.Uuid)),
            ("friendState", Known(peer.FriendState)),
            ("otherNames", Known(string.Join(',', peer.OtherNames.Union(details?.HostNames ?? []).Where(n => n != peer.Name).Order(StringComparer.Ordinal)))));
        if (state == "disconnected")
        {
            view.Alarm(id, Patience);
        }
    }

    private static bool AddSessions(ClusterViewWriter view, VolumeEntry[] volumes)
    {
        bool any = false;
        foreach (VolumeEntry volume in volumes)
        {
            foreach (IGrouping<string, GeorepPair> session in volume.GeorepPairs.GroupBy(p => Secondary(p.Session)).OrderBy(s => s.Key, StringComparer.Ordinal))
            {
                any = true;
                string[] workers = [.. session.Select(p => p.Status).Distinct(StringComparer.Ordinal)];
                string state = workers switch { ["Created"] => "created", ["Stopped"] => "stopped", ["Paused"] => "paused", _ => "started" };
                string evidence = string.Join('\n', session.Select(p => $"Volume{volume.Number}.pair{p.Number}.status: {p.Status}"));
                view.Add(ClusterViewWriter.Id("georep", volume.Name, session.Key), state, evidence, ("primary", volume.Name), ("secondary", session.Key));
            }
        }

        return any;
    }

    private static bool AddSnapshots(ClusterViewWriter view, VolumeEntry[] volumes)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (VolumeEntry volume in volumes)
        {
            foreach (SnapshotEntry snapshot in volume.Snapshots.OrderBy(s => s.Name, StringComparer.Ordinal).Where(s => seen.Add(s.Name)))
            {
                // get-state does not tell whether a snapshot is activated.
                view.Add(
                    ClusterViewWriter.Id("snapshot", snapshot.Name),
                    "created",
                    $"Volume{volume.Number}.snapshot{snapshot.Number}.name: {snapshot.Name}\nVolume{volume.Number}.snapshot{snapshot.Number}.status: {snapshot.Status}",
                    unless: ["activated", "deactivated", "restored"],
                    ("uuid", Known(snapshot.Id)),
                    ("volume", volume.Name));
            }
        }

        return seen.Count > 0;
    }

    /// <summary><c>host::volume</c> from a session such as <c>uuid:ssh://user@host::volume:uuid</c>.</summary>
    private static string Secondary(string session)
    {
        int scheme = session.IndexOf("://", StringComparison.Ordinal);
        string rest = scheme < 0 ? session : session[(scheme + 3)..];
        int at = rest.IndexOf('@', StringComparison.Ordinal);
        rest = rest[(at + 1)..];
        int volume = rest.IndexOf("::", StringComparison.Ordinal);
        int end = volume < 0 ? -1 : rest.IndexOf(':', volume + 2);
        return end < 0 ? rest : rest[..end];
    }

    private static string PathOf(BrickEntry brick) => brick.HostAndPath[(brick.HostAndPath.IndexOf(":/", StringComparison.Ordinal) + 1)..];

    private static string? Known(string text) => text.Length == 0 ? null : text;

    private static string? Text(int? number) => number?.ToString(CultureInfo.InvariantCulture);
}
