using GlusterBus.Contracts.Entities;

namespace GlusterBus.Collectors.GetState;

/// <summary>The helper daemons of the own node, and whether the volumes need them. A daemon that is not needed rests.</summary>
internal static class NodeDaemons
{
    private static readonly string[] True = ["on", "yes", "true", "enable", "1"];
    private static readonly string[] False = ["off", "no", "false", "disable", "0"];

    public static void Add(ClusterViewWriter view, string node, ClusterState state)
    {
        AddSelfHeal(view, node, state);
        foreach (ServiceEntry service in state.Services.OrderBy(s => s.Name, StringComparer.Ordinal))
        {
            Add(view, ClusterViewWriter.Id("daemon", node, service.Name), service.IsOnline, IsNeeded(service.Name, state), $"svc{service.Number}.name: {service.Name}\nsvc{service.Number}.online_status: {Status(service.IsOnline)}");
        }

        foreach (VolumeEntry volume in state.Volumes.OrderBy(v => v.Name, StringComparer.Ordinal))
        {
            bool isNeeded = volume.IsStarted && IsOn(volume, "features.uss");

            // One per volume: the many that never ran would only fill the table.
            if (volume.SnapshotDaemonOnline is { } isOnline && (isOnline || isNeeded))
            {
                Add(view, ClusterViewWriter.Id("daemon", node, "snapd", volume.Name), isOnline, isNeeded, $"Volume{volume.Number}.snapd_svc.online_status: {Status(isOnline)}");
            }
        }
    }

    /// <summary>glusterd's own rules (glusterd-bitd-svc.c, glusterd-quotad-svc.c, glusterd-shd-svc.c): bitrot detection runs where it has a brick to read,
    /// the quota daemon on every node, self-heal on every node with a started replicated or dispersed volume.</summary>
    internal static bool IsNeeded(string daemon, ClusterState state) => state.Volumes.Any(volume => volume.IsStarted && daemon switch
    {
        "glustershd" => NeedsSelfHeal(volume),
        "quotad" => IsOn(volume, "features.quota"),
        "bitd" or "scrub" => IsOn(volume, "features.bitrot") && volume.Bricks.Any(b => b.IsLocal),
        "nfs" => False.Contains(volume.Options.GetValueOrDefault("nfs.disable"), StringComparer.OrdinalIgnoreCase),
        _ => false,
    });

    internal static bool NeedsSelfHeal(VolumeEntry volume)
    {
        string? option = volume.Type.EndsWith("Replicate", StringComparison.Ordinal) ? "cluster.self-heal-daemon"
            : volume.Type.EndsWith("Disperse", StringComparison.Ordinal) ? "cluster.disperse-self-heal-daemon"
            : null;
        return volume.IsStarted
            && option is not null
            && !IsOff(volume, option)
            && !(option == "cluster.disperse-self-heal-daemon" && IsOff(volume, "disperse.self-heal-daemon"));
    }

    /// <summary>One daemon serves all volumes, but each volume tells of it on its own.</summary>
    private static void AddSelfHeal(ClusterViewWriter view, string node, ClusterState state)
    {
        VolumeEntry[] telling = [.. state.Volumes.Where(v => v.SelfHealDaemonOnline is not null).OrderBy(v => v.Number)];
        if (telling.Length == 0)
        {
            return;
        }

        VolumeEntry[] needing = [.. telling.Where(NeedsSelfHeal)];
        bool isOnline = needing.Length > 0 ? needing.All(v => v.SelfHealDaemonOnline == true) : telling.Any(v => v.SelfHealDaemonOnline == true);
        VolumeEntry proof = (needing.Length > 0 ? needing : telling).FirstOrDefault(v => v.SelfHealDaemonOnline == isOnline, telling[0]);
        Add(view, ClusterViewWriter.Id("daemon", node, "glustershd"), isOnline, needing.Length > 0, $"Volume{proof.Number}.name: {proof.Name}\nVolume{proof.Number}.shd_svc.online_status: {Status(isOnline)}");
    }

    private static void Add(ClusterViewWriter view, EntityId? id, bool isOnline, bool isNeeded, string evidence)
    {
        string state = isOnline ? "online" : isNeeded ? "offline" : "stopped";
        string[] unless = state == "offline" ? ["failed"] : [];
        view.Add(id, state, evidence, unless, ("daemon", id?.Name.Split('/')[1]));
        if (state == "offline")
        {
            view.Alarm(id, GetStateMapping.DaemonPatience);
        }
    }

    private static bool IsOn(VolumeEntry volume, string option) => True.Contains(volume.Options.GetValueOrDefault(option), StringComparer.OrdinalIgnoreCase);

    private static bool IsOff(VolumeEntry volume, string option) => False.Contains(volume.Options.GetValueOrDefault(option), StringComparer.OrdinalIgnoreCase);

    private static string Status(bool isOnline) => isOnline ? "Online" : "Offline";
}
