using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GlusterBus.Collectors.LogTail;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Collectors.Tests.LogTail.Rules;

public sealed class LogRuleSetTests
{
    private const string Disconnected =
        "[2026-11-22 09:18:55.731479 +0000] I [MSGID: 106004] [glusterd-handler.c:6301:__glusterd_peer_rpc_notify] 0-management: Peer <gl3> (<2ccbdb0c-31c0-4a05-a155-1a5026d5785c>), in state <Peer in Cluster>, has disconnected from glusterd. ";

    [Fact]
    public void A_line_becomes_an_observation_with_its_own_time_and_evidence()
    {
        Observation observation = new LogFixture().One(Disconnected);

        observation.Entity.Value.ShouldBe("peer/gl1/gl3");
        observation.State.ShouldBe("disconnected");
        observation.Unless.ShouldBe(["rejected", "detached"]);
        observation.Weight.ShouldBe(Weight.Fact);
        observation.Source.ShouldBe("logs");
        observation.Node.ShouldBe("gl1");
        observation.ObservedAt.ShouldBe(new DateTimeOffset(2026, 11, 22, 9, 18, 55, TimeSpan.Zero).AddMicroseconds(731479));
        observation.Sequence.ShouldBe(99);
        observation.Evidence.ShouldBe(new Evidence("log-line", Disconnected, "/var/log/glusterfs/the.log:99", "gl1", observation.ObservedAt));
    }

    [Fact]
    public void The_offset_in_the_stamp_is_honoured() =>
        new LogFixture().One(Disconnected.Replace("+0000", "+0530", StringComparison.Ordinal)).ObservedAt
            .ShouldBe(new DateTimeOffset(2026, 11, 22, 3, 48, 55, TimeSpan.Zero).AddMicroseconds(731479));

    [Fact]
    public void A_stamp_of_before_release_9_and_a_tight_message_id_are_read_too()
    {
        foreach (string line in new[]
        {
            Disconnected.Replace(" +0000", "", StringComparison.Ordinal),
            Disconnected.Replace("[MSGID: ", "[MSGID:", StringComparison.Ordinal),
            Disconnected.Replace(" +0000", "", StringComparison.Ordinal).Replace("[MSGID: ", "[MSGID:", StringComparison.Ordinal),
        })
        {
            LogRuleSet.Embedded.IsWanted(Encoding.UTF8.GetBytes(line)).ShouldBeTrue();
            new LogFixture().One(line).State.ShouldBe("disconnected");
        }
    }

    [Fact]
    public void A_stamp_that_is_no_date_gives_way_to_the_clock()
    {
        var fixture = new LogFixture();

        fixture.One(Disconnected.Replace("2026-11-22", "2026-13-42", StringComparison.Ordinal)).ObservedAt.ShouldBe(fixture.Clock.GetUtcNow());
    }

    [Fact]
    public void A_summary_of_repeats_is_one_observation_with_its_count_and_last_time()
    {
        string inner = Disconnected["[2026-11-22 09:18:55.731479 +0000] ".Length..].TrimEnd();
        string line = $"The message \"{inner}\" repeated 7 times between [2026-11-22 10:04:11.731978 +0000] and [2026-11-22 10:04:20.739339 +0000]";

        LogRuleSet.Embedded.IsWanted(Encoding.UTF8.GetBytes(line)).ShouldBeTrue();
        Observation observation = new LogFixture().One(line);
        observation.Count.ShouldBe(7);
        observation.ObservedAt.ShouldBe(new DateTimeOffset(2026, 11, 22, 10, 4, 20, TimeSpan.Zero).AddMicroseconds(739339));
        observation.Evidence!.Text.ShouldBe(line);
    }

    [Fact]
    public void The_graph_number_of_a_domain_is_no_part_of_the_name()
    {
        const string Line = "[2026-11-22 09:31:30.772547 +0000] M [MSGID: 113075] [posix-helpers.c:2161:posix_health_check_thread_proc] {0}-my-vol-posix: health-check failed, going down ";
        var fixture = new LogFixture { Kind = LogKind.Brick, BrickPath = "/srv/b1" };
        fixture.Node.Topology = new Topology { Bricks = [new("my", "n1:/srv/b0", true), new("my-vol", "n1:/srv/b1", true)] };

        foreach (int graph in new[] { 0, 7, 36 })
        {
            fixture.One(string.Format(null, Line, graph)).Entity.Value.ShouldBe("brick/my-vol/n1:/srv/b1");
        }
    }

    [Fact]
    public void Of_several_bricks_in_one_process_the_domain_and_the_file_name_tell_which_and_neither_alone()
    {
        const string Line = "[2026-11-22 09:31:30.772547 +0000] M [MSGID: 113075] [posix-helpers.c:2161:x] 0-rv-posix: health-check failed, going down ";
        Topology topology = new() { Bricks = [new("rv", "n1:/srv/a-b", true), new("rv", "n1:/srv/c", true), new("other", "n1:/srv/d", true)] };
        LogFixture Brick(string? path)
        {
            var fixture = new LogFixture { Kind = LogKind.Brick, BrickPath = path };
            fixture.Node.Topology = topology;
            return fixture;
        }

        Brick("/srv/a/b").One(Line).Entity.Value.ShouldBe("brick/rv/n1:/srv/a-b");
        Brick("/srv/c").One(Line).Entity.Value.ShouldBe("brick/rv/n1:/srv/c");

        // The file belongs to a brick of another volume, as it does with brick multiplexing: which of the two it was only a fresh look can tell.
        LogFixture shared = Brick("/srv/d");
        TimeSpan? asked = null;
        shared.Node.ReconcileRequested += delay => asked = delay;
        shared.All(Encoding.UTF8.GetBytes(Line)).ShouldBeEmpty();
        asked.ShouldBe(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void A_brick_that_signs_out_is_a_hint_and_a_wish_to_look_again()
    {
        var fixture = new LogFixture();
        TimeSpan? asked = null;
        fixture.Node.ReconcileRequested += delay => asked = delay;

        fixture.One("[2026-11-22 09:26:05.152759 +0000] I [MSGID: 106143] [glusterd-pmap.c:357:pmap_port_remove] 0-pmap: removing brick /srv/rv2 on port 53398 ").Weight.ShouldBe(Weight.Hint);

        asked.ShouldBe(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void The_answer_to_a_detach_is_not_taken_for_a_connection()
    {
        const string Line = "[2026-11-22 09:26:52.873000 +0000] I [MSGID: 106493] [glusterd-rpc-ops.c:{0}] 0-glusterd: Received ACC from uuid: 2ccbdb0c-31c0-4a05-a155-1a5026d5785c, host: gl3, port: 0 ";

        new LogFixture().One(string.Format(null, Line, "467:__glusterd_friend_add_cbk")).ShouldSatisfyAllConditions(o => o.State.ShouldBe("connected"), o => o.Weight.ShouldBe(Weight.Fact));
        new LogFixture().One(string.Format(null, Line, "589:__glusterd_friend_remove_cbk")).ShouldSatisfyAllConditions(o => o.State.ShouldBe("detached"), o => o.Weight.ShouldBe(Weight.Hint));
    }

    [Fact]
    public void A_health_check_that_only_took_too_long_once_condemns_no_brick() =>
        new LogFixture { Kind = LogKind.Brick }.All("[2026-11-22 09:31:30.770293 +0000] W [MSGID: 113075] [posix-helpers.c:2081:posix_fs_health_check] 0-hv-posix: aio_write() on /srv/hv/.glusterfs/health_check returned ret is 11 error is Resource temporarily unavailable [Resource temporarily unavailable]"u8.ToArray())
            .ShouldBeEmpty();

    [Fact]
    public void The_same_words_mean_something_else_in_another_log()
    {
        byte[] line = "[2026-11-22 09:41:03.857662 +0000] W [glusterfsd.c:1458:cleanup_and_exit] (-->/lib/x86_64-linux-gnu/libc.so.6(+0x891f5) [0x7fb8651791f5] -->/usr/sbin/glusterfsd(cleanup_and_exit+0x57) [0x5599d193f467] ) 0-: received signum (15), shutting down "u8.ToArray();

        new LogFixture { Kind = LogKind.Glusterd }.All(line).ShouldHaveSingleItem().Entity.Value.ShouldBe("node/gl1");
        new LogFixture { Kind = LogKind.Brick, BrickPath = "/srv/b" }.All(line).ShouldHaveSingleItem().Weight.ShouldBe(Weight.Hint);
        new LogFixture { Kind = LogKind.Mount }.All(line).ShouldBeEmpty();
        new LogFixture { Kind = LogKind.Unknown }.All(line).ShouldBeEmpty();
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_replaced()
    {
        byte[] line = Encoding.Latin1.GetBytes("[2026-11-22 09:16:38.618917 +0000] I [MSGID: 106005] [glusterd-handler.c:6062:x] 0-management: Brick gl2:/srv/caf\u00e9 has disconnected from glusterd. [\u00ff\u00fe] ");

        Observation observation = new LogFixture().All(line).ShouldHaveSingleItem();
        observation.Entity.Value.ShouldBe("brick/?/gl2:/srv/caf\ufffd");
        observation.Evidence!.Text.ShouldContain("\ufffd");
    }

    [Fact]
    public void A_name_with_control_characters_makes_no_entity() =>
        new LogFixture().All("[2026-11-22 09:16:38.618917 +0000] I [MSGID: 106005] [glusterd-handler.c:6062:x] 0-management: Brick gl2:/srv/\u0001 has disconnected from glusterd. "u8.ToArray()).ShouldBeEmpty();

    [Fact]
    public void A_line_of_a_mebibyte_gives_bounded_evidence_and_no_endless_name()
    {
        string path = new('a', 1 << 20);
        new LogFixture().All(Encoding.UTF8.GetBytes($"[2026-11-22 09:16:38.618917 +0000] I [MSGID: 106005] [h.c:1:x] 0-management: Brick gl2:/{path} has disconnected from glusterd. ")).ShouldBeEmpty();

        Observation long_ = new LogFixture().One($"[2026-11-22 09:16:38.618917 +0000] I [MSGID: 106128] [h.c:1:x] 0-management: Could not find peer gl2(1-2){path} ");
        long_.Evidence!.Text.Length.ShouldBe(Evidence.MaximumLength);
    }

    [Fact]
    public void Every_message_of_two_real_clusters_is_read_and_what_no_rule_knows_tells_nothing()
    {
        int known = 0;
        foreach ((LogKind kind, byte[] line) in LogFixture.OneOfEach)
        {
            var fixture = new LogFixture { Kind = kind, BrickPath = kind == LogKind.Brick ? "/srv/rv1" : null };
            var output = new List<Observation>();
            int recognised = LogRuleSet.Embedded.Read(line, new LogLineContext(kind, "f", 1, fixture.Node, fixture.Clock, fixture.BrickPath), output);

            recognised.ShouldBeInRange(0, 1);
            output.Count.ShouldBeLessThanOrEqualTo(recognised);
            (recognised == 0 || LogRuleSet.Embedded.IsWanted(line)).ShouldBeTrue(Encoding.UTF8.GetString(line));
            known += recognised;
        }

        known.ShouldBe(KnownOfEach);
    }

    // Counted in the fixture: 59 messages of glusterd, bricks, the self-heal daemon, mounts and others that have a rule.
    private const int KnownOfEach = 59;

    [Fact]
    public void Whatever_the_bytes_reading_never_throws_and_nothing_is_read_that_the_gate_did_not_let_through()
    {
        LogKind[] kinds = Enum.GetValues<LogKind>();
        Prop.ForAll<int, byte[], int>((at, noise, cut) =>
        {
            int pick = unchecked((at * 31) + (cut * 7) + noise.Length);
            byte[] line = [.. LogFixture.OneOfEach[Index(pick, LogFixture.OneOfEach.Count)].Line];
            noise.AsSpan(0, Math.Min(noise.Length, line.Length - Index(at, line.Length))).CopyTo(line.AsSpan(Index(at, line.Length)));
            line = line[..^Index(cut, line.Length)];
            var fixture = new LogFixture { Kind = kinds[Index(at, kinds.Length)], BrickPath = "/srv/b" };
            return (fixture.All(line).Count == 0 || LogRuleSet.Embedded.IsWanted(line)) && (fixture.All(noise).Count == 0 || LogRuleSet.Embedded.IsWanted(noise));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

        static int Index(int any, int count) => (int)((uint)any % (uint)count);
    }
}
