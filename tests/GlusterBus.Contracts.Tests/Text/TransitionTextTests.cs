using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Runtime.Text;
using GlusterBus.TestKit;

namespace GlusterBus.Contracts.Tests.Text;

public sealed class TransitionTextTests
{
    private static readonly Transition Brick = SampleTransitions.Brick();

    [Fact]
    public void A_line_tells_time_severity_entity_change_and_the_essence_of_the_evidence() =>
        TransitionText.Line(Brick).ShouldBe("09:16:38.618 error    brick/rv/gl2:/srv/rv1  online → offline  (gl2: Brick gl2:/srv/rv1 has disconnected from glusterd.)");

    [Fact]
    public void The_time_is_utc() =>
        TransitionText.Line(Brick with { Time = Brick.Time.ToOffset(TimeSpan.FromHours(5)) }).ShouldStartWith("09:16:38.618 ");

    [Fact]
    public void A_first_state_stands_alone_and_an_occurrence_by_its_name()
    {
        Transition plain = Brick with { Evidence = [] };
        TransitionText.Line(plain with { Previous = null }).ShouldEndWith("brick/rv/gl2:/srv/rv1  offline");
        TransitionText.Line(plain with { Occurrence = "start-failed", Change = "start-failed" }).ShouldEndWith("  start-failed");
    }

    [Fact]
    public void Changed_attributes_are_told_up_to_three()
    {
        Transition set = Brick with { Entity = EntityId.Volume("rv"), Previous = "started", Current = "started", Change = "option-set", Evidence = [], Changed = new Dictionary<string, AttributeChange> { ["nfs.disable"] = new("on", null) } };
        TransitionText.Line(set).ShouldEndWith("volume/rv  option-set nfs.disable: on → (not set)");
        TransitionText.Line(set with { Changed = Enumerable.Range(0, 5).ToDictionary(i => $"k{i}", i => new AttributeChange(null, "v")) }).ShouldEndWith("k2: (not set) → v and 2 more");
        TransitionText.Summary(set).ShouldBe("Volume rv: option set, nfs.disable: on → (not set)");
    }

    [Fact]
    public void What_is_out_of_the_ordinary_is_marked()
    {
        string line = TransitionText.Line(Brick with { Evidence = [], Reason = TransitionReason.FoundAtStart, Actor = new Actor("volume stop rv", "gl1"), Cause = "lab/node/gl2@4", Trusted = false, Replay = true });
        line.ShouldEndWith("offline  [found-at-start]  [by gl1: volume stop rv]  [because of lab/node/gl2@4]  [untrusted]  [replay]");
    }

    [Theory]
    [InlineData("[2026-11-22 09:16:15.784100 +0000] I [glusterd-utils.c:6911:glusterd_brick_start] 0-management: starting a fresh brick process for brick /srv/rv1", "starting a fresh brick process for brick /srv/rv1")]
    [InlineData("[2026-11-22 09:22:17.833010 +0000] W [glusterd-locks.c:768:glusterd_mgmt_v3_unlock] (-->/lib/libgfrpc.so.0(+0xf965) [0x7f81] ) 0-management: Lock for vol rv not held ", "Lock for vol rv not held")]
    [InlineData("[2026-11-22 09:36:01.75461] I [primary(worker /srv/pv):2009:syncjob] Syncer: Sync Time Taken [{job=2}]", "Syncer: Sync Time Taken [{job=2}]")]
    [InlineData("[2026-11-22 09:16:12.867432 +0000]  : peer probe nosuchhost : FAILED : no answer", "peer probe nosuchhost : FAILED : no answer")]
    [InlineData("no Gluster line at all", "no Gluster line at all")]
    [InlineData("[only a bracket", "[only a bracket")]
    [InlineData("[]", "[]")]
    public void A_log_line_is_reduced_to_what_it_says(string text, string essence) =>
        TransitionText.Line(WithEvidence(text)).ShouldEndWith($"(gl2: {essence})");

    [Fact]
    public void No_evidence_can_break_the_line_or_reach_the_terminal()
    {
        string line = TransitionText.Line(WithEvidence("a\r\nb\x1b[2J\u009b31m c\u2028d\u202ee\0"));
        line.ShouldEndWith("(gl2: a b [2J 31m c d e)");
        line.ShouldAllBe(c => !char.IsControl(c));
    }

    [Fact]
    public void Long_evidence_is_cut() =>
        TransitionText.Line(WithEvidence(new string('x', 2000))).ShouldEndWith(new string('x', TransitionText.MaximumEvidence - 1) + "…)");

    [Theory]
    [InlineData("brick/rv/gl2:/srv/rv1", "online", "offline", "Brick gl2:/srv/rv1 of volume rv went offline")]
    [InlineData("brick/?/gl2:/srv/rv1", "offline", "online", "Brick gl2:/srv/rv1 came online")]
    [InlineData("node/gl3", null, "online", "Node gl3 is online")]
    [InlineData("peer/gl1/gl3", "connected", "disconnected", "Peer gl3 as gl1 sees it lost its connection")]
    [InlineData("volume/rv", "created", "started", "Volume rv was started")]
    [InlineData("quorum/rv", "met", "lost", "Server quorum of volume rv is lost")]
    [InlineData("daemon/gl1/snapd/rv", "online", "offline", "Daemon snapd of volume rv on gl1 went offline")]
    [InlineData("daemon/gl1/glustershd", "offline", "online", "Daemon glustershd on gl1 came online")]
    [InlineData("subvol/rv/replicate-0", "up", "no-quorum", "Subvolume replicate-0 of volume rv is now no quorum")]
    [InlineData("cluster/all", "ok", "degraded", "The cluster is degraded")]
    public void A_summary_is_a_sentence(string entity, string? previous, string current, string sentence) =>
        TransitionText.Summary(Brick with { Entity = EntityId.Parse(entity), Previous = previous, Current = current, Change = current }).ShouldBe(sentence);

    [Fact]
    public void Every_state_of_every_kind_makes_a_line_and_a_summary_without_control_characters()
    {
        foreach (EntityKind kind in EntityKinds.All)
        {
            foreach (string state in kind.States.Keys)
            {
                Transition t = Brick with { Entity = EntityId.Of(kind.Name, "a", "b"), Previous = null, Current = state, Change = state };
                (TransitionText.Line(t) + TransitionText.Summary(t)).ShouldAllBe(c => !char.IsControl(c));
                TransitionText.Summary(t).ShouldNotEndWith(".");
            }
        }
    }

    private static Transition WithEvidence(string text) => Brick with { Evidence = [Brick.Evidence[0] with { Text = text }] };
}
