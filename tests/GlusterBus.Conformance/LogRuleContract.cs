using System.Text;
using GlusterBus.Collectors.LogTail;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Conformance;

/// <summary>What every log rule owes: it finds exactly what its examples say, passes over its near misses, and together they know every message of the catalogue.</summary>
/// <remarks>Examples are read on node gl1 of a small cluster, see <see cref="Node"/>; brick logs are called <c>srv-rv1.log</c>.</remarks>
public sealed class LogRuleContract
{
    private const string Resources = "GlusterBus.Collectors.LogTail.Rules.";

    private static readonly NodeContext Node = new("gl1", null!, "/nowhere", 1)
    {
        Topology = new Topology
        {
            OwnUuid = "ba97396a-1562-4a55-9593-a76495cd627a",
            PeerNames = new Dictionary<string, string>
            {
                ["13b8e197-3d96-472c-9b56-b6fb27cb328b"] = "gl2",
                ["2ccbdb0c-31c0-4a05-a155-1a5026d5785c"] = "gl3",
            },
            PeerAliases = new Dictionary<string, string> { ["10.77.0.2"] = "gl2", ["10.77.0.3"] = "gl3" },
            VolumeNames = new Dictionary<string, string>
            {
                ["8dc3c5e9-31b6-4b0b-9c2c-6d4b8e1c9a01"] = "rv",
                ["51c8a2f0-90f3-4cf8-8f2d-0b7e6f8d3b02"] = "hv",
            },
            Bricks =
            [
                new("rv", "gl1:/srv/rv1", true),
                new("rv", "gl2:/srv/rv1", false),
                new("rv", "gl3:/srv/rv1", false),
                new("hv", "gl1:/srv/hv", true),
                new("hv", "gl2:/srv/hv", false),
            ],
        },
    };

    public static TheoryData<string> Names => [.. LogRuleSet.Embedded.Rules.Select(r => r.File.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Every_example_yields_what_is_written(string name)
    {
        LogRule rule = Rule(name);
        var alone = new LogRuleSet([rule]);
        string[] lines = Lines(name, "match.log");
        lines.ShouldNotBeEmpty();
        for (int i = 0; i < lines.Length; i++)
        {
            byte[] line = Encoding.UTF8.GetBytes(lines[i]);
            var output = new List<Observation>();
            LogRuleSet.Embedded.IsWanted(line).ShouldBeTrue(lines[i]);
            alone.Read(line, Context(rule), output).ShouldBe(1, lines[i]);

            LogRuleExample? expected = rule.File.Examples.SingleOrDefault(e => e.Line == i + 1);
            if (rule.File.Noise || expected?.Entity is null)
            {
                (rule.File.Noise || expected is not null).ShouldBeTrue($"line {i + 1} of {name} has no example");
                output.ShouldBeEmpty();
                continue;
            }

            Observation observation = output.ShouldHaveSingleItem();
            observation.Entity.Value.ShouldBe(expected.Entity);
            observation.State.ShouldBe(expected.State);
            observation.Occurrence.ShouldBe(expected.Occurrence);
            observation.Count.ShouldBe(expected.Count);
            observation.Attributes.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => (a.Key, a.Value))
                .ShouldBe(expected.Attributes.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => (a.Key, (string?)a.Value)));
            observation.Evidence!.Text.ShouldBe(lines[i]);
            observation.Evidence.Where.ShouldBe("/var/log/glusterfs/the.log:4711");
            observation.Sequence.ShouldBe(4711);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void No_example_is_known_to_a_second_rule_of_the_same_log(string name)
    {
        foreach (string line in Lines(name, "match.log"))
        {
            LogRuleSet.Embedded.Read(Encoding.UTF8.GetBytes(line), Context(Rule(name)), []).ShouldBe(1, line);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Every_near_miss_yields_nothing(string name)
    {
        LogRule rule = Rule(name);
        var alone = new LogRuleSet([rule]);
        string[] lines = Lines(name, "ignore.log");
        lines.ShouldNotBeEmpty();
        foreach (string line in lines)
        {
            var output = new List<Observation>();
            alone.Read(Encoding.UTF8.GetBytes(line), Context(rule), output).ShouldBe(0, line);
            output.ShouldBeEmpty();
        }
    }

    [Theory, MemberData(nameof(CatalogueRows))]
    public void Every_row_of_the_catalogue_has_a_rule_and_an_example(int messageId, string source, string words)
    {
        IEnumerable<LogRule> rules = LogRuleSet.Embedded.Rules.Where(r => messageId == 0 ? r.File.Source == source : r.File.MessageId == messageId);
        rules.ShouldContain(rule => Lines(rule.File.Name, "match.log").Any(line => line.Contains(words, StringComparison.Ordinal)));
    }

    /// <summary>The rows of catalogue § 4.1, those of § 4.3 that begin with 113, and the lines every process writes: id (0 where the line has none), source, words that tell the row from others of its id.</summary>
    public static TheoryData<int, string, string> CatalogueRows => new()
    {
        { 100030, "glusterfsd.c", "0-/usr/sbin/glusterd: Started running version" },
        { 100030, "glusterfsd.c", "--process-name brick" },
        { 100030, "glusterfsd.c", "--process-name glustershd" },
        { 0, "glusterfsd.c", "received signum (15), shutting down" },
        { 106004, "glusterd-handler.c", "has disconnected from glusterd." },
        { 106128, "glusterd-sm.c", "Could not find peer" },
        { 106493, "glusterd-rpc-ops.c", "Received ACC from uuid" },
        { 106493, "glusterd-rpc-ops.c", "Received RJT from uuid" },
        { 106490, "glusterd-handler.c", "Received probe from uuid" },
        { 106491, "glusterd-handler.c", "Received unfriend from uuid" },
        { 106511, "glusterd-rpc-ops.c", "Received probe resp from uuid" },
        { 106170, "glusterd-handshake.c", "Rejecting management handshake request from unknown peer" },
        { 106170, "glusterd-handshake.c", "has an entry in peerinfo, but uuid does not match" },
        { 106360, "glusterd-handler.c", "Received friend update request from unknown peer" },
        { 106360, "glusterd-handler.c", "Received remove-friend from unknown peer" },
        { 106350, "glusterd-handler.c", "glusterd handshake failed" },
        { 106010, "glusterd-utils.c", "Version of Cksums" },
        { 106009, "glusterd-utils.c", "Version of volume" },
        { 106012, "glusterd-utils.c", "Cksums of quota configuration of volume" },
        { 106414, "glusterd-utils.c", "Volume ids of volume" },
        { 106002, "glusterd-server-quorum.c", "Server quorum lost for volume" },
        { 106003, "glusterd-server-quorum.c", "Server quorum regained for volume" },
        { 106001, "glusterd-mgmt.c", "Server quorum not met. Rejecting operation." },
        { 106001, "glusterd-utils.c", "Skipping brick restart for volume" },
        { 106005, "glusterd-handler.c", "has disconnected from glusterd." },
        { 106143, "glusterd-pmap.c", "removing brick /" },
        { 106143, "glusterd-pmap.c", "removing brick (null)" },
        { 106005, "glusterd-server-quorum.c", "Failed to start gl1:/srv/rv1 " },
        { 106005, "glusterd-op-sm.c", "Failed to start gl1:/srv/rv1 for rv" },
        { 106005, "glusterd-utils.c", "Unable to start brick" },
        { 106005, "glusterd-utils.c", "Failed to connect to brick" },
        { 106013, "glusterd-utils.c", "Unable to stop brick" },
        { 0, "glusterd-utils.c", "starting a fresh brick process for brick" },
        { 0, "glusterd-utils.c", "is attached successfully" },
        { 0, "glusterd-utils.c", "discovered already-running brick" },
        { 0, "glusterd-utils.c", "Missing trusted.glusterfs.volume-id extended attribute on brick root" },
        { 0, "glusterd-utils.c", "Mismatching trusted.glusterfs.volume-id extended attribute on brick root" },
        { 106071, "glusterd-utils.c", "Snapshot is pending on" },
        { 106187, "glusterd-store.c", "Failed to resolve brick" },
        { 106425, "glusterd-store.c", "realpath() failed for brick" },
        { 106425, "glusterd-utils.c", "realpath () failed for brick" },
        { 106425, "glusterd-utils.c", "may be in bad state. Error - " },
        { 106611, "glusterd-utils.c", "All the ports in the range are exhausted, can't start brick" },
        { 106611, "glusterd-snapd-svc.c", "All the ports in the range are exhausted, can't start snapd" },
        { 106374, "glusterd-utils.c", "Couldn't allocate a port" },
        { 106006, "glusterd-svc-mgmt.c", "nfs has disconnected from glusterd." },
        { 106006, "glusterd-svc-mgmt.c", "glustershd has disconnected from glusterd." },
        { 106568, "glusterd-proc-mgmt.c", "daemon running in pid" },
        { 106568, "glusterd-svc-mgmt.c", "service is stopped" },
        { 106131, "glusterd-proc-mgmt.c", "already stopped" },
        { 106617, "glusterd-svc-helper.c", "attached successfully to pid" },
        { 106617, "glusterd-svc-helper.c", "failed to attach to pid" },
        { 106007, "glusterd-rebalance.c", "has disconnected and defrag refcnt is" },
        { 106172, "glusterd-handshake.c", "received defrag status updated" },
        { 106111, "glusterd-snapshot.c", "Deleting snapshot" },
        { 106111, "glusterd-snapshot-utils.c", "Snapshot creation is not possible" },
        { 106118, "glusterd-handler.c", "Unable to acquire lock for" },
        { 106118, "glusterd-mgmt-handler.c", "Failed to acquire mgmt_v3 locks for" },
        { 106499, "glusterd-handler.c", "Received status volume req for volume" },
        { 106487, "glusterd-handler.c", "Received cli list req" },
        { 106496, "glusterd-handshake.c", "Received mount request for volume" },
        { 0, "run.c", "/hooks/1/create/post/" },
        { 0, "run.c", "/hooks/1/start/post/" },
        { 0, "run.c", "/hooks/1/stop/post/" },
        { 0, "run.c", "/hooks/1/stop/pre/" },
        { 0, "run.c", "/hooks/1/delete/post/" },
        { 0, "run.c", "/hooks/1/set/post/" },
        { 0, "run.c", "/hooks/1/reset/post/" },
        { 0, "run.c", "/hooks/1/add-brick/post/" },
        { 0, "run.c", "Failed to execute script" },
        { 113075, "posix-helpers.c", "returned ret is" },
        { 113075, "posix-helpers.c", "health-check failed, going down" },
        { 113075, "posix-helpers.c", "still alive! -> SIGTERM" },
        { 113075, "posix-helpers.c", "still alive! -> SIGKILL" },
        { 113034, "posix-common.c", "doesn't exist, exiting." },
        { 113063, "posix-common.c", "mismatching volume-id" },
        { 113064, "posix-common.c", "Extended attribute trusted.glusterfs.volume-id is absent" },
        { 113089, "posix-common.c", "failed to fetch proper volume id from export" },
        { 113089, "posix-common.c", ": failed to fetch volume-id" },
        { 113083, "posix-common.c", "Posix access control list is not supported." },
        { 113042, "posix-helpers.c", "statvfs failed on" },
    };

    private static LogRule Rule(string name) => LogRuleSet.Embedded.Rules.Single(r => r.File.Name == name);

    private static LogLineContext Context(LogRule rule)
    {
        LogKind kind = rule.File.Files[0] switch
        {
            "glusterd" => LogKind.Glusterd,
            "brick" => LogKind.Brick,
            "selfHeal" => LogKind.SelfHeal,
            "mount" => LogKind.Mount,
            _ => LogKind.Other,
        };
        return new LogLineContext(kind, "/var/log/glusterfs/the.log", 4711, Node, TimeProvider.System, kind == LogKind.Brick ? "/srv/rv1" : null);
    }

    private static string[] Lines(string rule, string file)
    {
        using Stream? stream = typeof(LogRuleSet).Assembly.GetManifestResourceStream($"{Resources}{rule}.{file}");
        stream.ShouldNotBeNull($"{rule} needs a {file}");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
