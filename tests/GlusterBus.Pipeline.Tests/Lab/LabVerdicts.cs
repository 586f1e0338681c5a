using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using GlusterBus.Contracts.Messages;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Lab;

/// <summary>Judges a whole stream, and the state table by what Gluster's own commands say.</summary>
internal static class LabVerdicts
{
    /// <summary>Per entity gapless, in order, each step from where the last one led, no state told twice, no id used twice.</summary>
    public static void ShouldTellTheTruth(IReadOnlyCollection<Heard> heard)
    {
        foreach (IGrouping<string, Transition> copies in heard.Select(h => h.Transition).GroupBy(t => t.Id))
        {
            copies.Select(t => (t.Entity, t.Sequence, t.Change, t.Previous, t.Current, t.Time, t.RecordedAt)).Distinct()
                .ShouldHaveSingleItem($"{copies.Key} was told twice with different contents");
        }

        foreach (IGrouping<string, Transition> entity in heard.Select(h => h.Transition).DistinctBy(t => t.Id).GroupBy(t => t.Entity.Value))
        {
            Transition[] told = [.. entity];
            told.Select(t => t.Sequence).ShouldBe(Enumerable.Range(1, told.Length).Select(i => (long)i), $"{entity.Key}: gapless and in order");
            told.ShouldAllBe(t => t.Evidence.Count > 0 && t.Evidence[0].Text.Length > 0, entity.Key);
            Transition[] ofState = [.. told.Where(t => t.Reason is not (TransitionReason.AttributesChanged or TransitionReason.Occurred) && t.Changed.Count == 0)];
            ofState.ShouldAllBe(t => t.Previous != t.Current, $"{entity.Key}: no state is told twice");
            ofState.Zip(ofState.Skip(1)).ShouldAllBe(pair => pair.First.Current != pair.Second.Current, $"{entity.Key}: a state follows on another one");
        }

        long epoch = 0;
        foreach (Heard h in heard)
        {
            h.Epoch.ShouldBeGreaterThanOrEqualTo(epoch, $"{h.Transition.Id} was published by a router that had lost its partition");
            epoch = h.Epoch;
        }
    }

    /// <summary>The notifier got what the channel got, in the same order per entity.</summary>
    public static void ShouldHaveNotified(IReadOnlyList<string> notified, IReadOnlyList<Transition> told)
    {
        ILookup<string, string> got = notified.Distinct().ToLookup(line => line[..line.IndexOf('@', StringComparison.Ordinal)]);
        got.Sum(lines => lines.Count()).ShouldBe(told.Count, "each transition went to the notifier");
        foreach (IGrouping<string, Transition> entity in told.GroupBy(t => t.Id[..t.Id.IndexOf('@', StringComparison.Ordinal)]))
        {
            got[entity.Key].ShouldBe(entity.Select(t => $"{t.Id} {t.Change}"), entity.Key);
        }
    }

    /// <summary>How volumes, bricks, self-heal daemons and peers are, by the state table.</summary>
    public static async Task<IReadOnlyList<string>> KnownAsync(LabRole role, CancellationToken cancellationToken)
    {
        var known = new List<string>();
        foreach (string line in await role.AskAsync("v1/state", cancellationToken))
        {
            using JsonDocument row = JsonDocument.Parse(line);
            string entity = row.RootElement.GetProperty("entity").GetString()!;
            if (entity.Split('/')[0] is "volume" or "brick" or "daemon" or "peer" && !(entity.StartsWith("daemon/", StringComparison.Ordinal) && row.RootElement.GetProperty("state").GetString() == "stopped"))
            {
                known.Add($"{entity} {row.RootElement.GetProperty("state").GetString()}");
            }
        }

        return [.. known.Order(StringComparer.Ordinal)];
    }

    /// <summary>The same by <c>volume info</c>, <c>volume status</c> and <c>pool list</c> on the nodes named.</summary>
    public static async Task<IReadOnlyList<string>> SeenAsync(LabCluster lab, IReadOnlyList<int> nodes, CancellationToken cancellationToken)
    {
        var seen = new List<string>();
        XDocument info = XDocument.Parse(await lab.GlusterAsync(nodes[0], "--xml volume info", cancellationToken));
        foreach (XElement volume in info.Descendants("volume"))
        {
            string name = volume.Element("name")!.Value;
            string state = volume.Element("statusStr")!.Value.ToLower(CultureInfo.InvariantCulture);
            seen.Add($"volume/{name} {state}");
            if (state != "started")
            {
                seen.AddRange(volume.Descendants("brick").Select(brick => $"brick/{name}/{brick.Element("name")!.Value} offline"));
                continue;
            }

            XDocument status = XDocument.Parse(await lab.GlusterAsync(nodes[0], $"--xml volume status {name}", cancellationToken));
            foreach (XElement part in status.Descendants("node").Where(node => node.Element("path") is not null))
            {
                (string host, string path) = (part.Element("hostname")!.Value, part.Element("path")!.Value);
                string entity = host == "Self-heal Daemon" ? $"daemon/{(path == "localhost" ? lab.Node(nodes[0]) : path)}/glustershd" : $"brick/{name}/{host}:{path}";
                seen.Add($"{entity} {(part.Element("status")!.Value == "1" ? "online" : "offline")}");
            }
        }

        foreach (int node in nodes)
        {
            string[] pool = (await lab.GlusterAsync(node, "pool list", cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            seen.AddRange(pool.Skip(1).Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Where(peer => peer[1] != "localhost")
                .Select(peer => $"peer/{lab.Node(node)}/{peer[1]} {peer[2].ToLower(CultureInfo.InvariantCulture)}"));
        }

        return [.. seen.Distinct().Order(StringComparer.Ordinal)];
    }
}
