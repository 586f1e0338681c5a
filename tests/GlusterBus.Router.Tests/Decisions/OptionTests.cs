using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Router.Decisions;
using static GlusterBus.Router.Tests.Decisions.Scenario;

namespace GlusterBus.Router.Tests.Decisions;

/// <summary>A volume's options and shape: what is news of them, and what describes.</summary>
public sealed class OptionTests
{
    private readonly Scenario _s = new();

    [Fact]
    public void An_old_option_of_another_node_does_not_turn_a_newer_value_back_but_one_nobody_told_of_counts()
    {
        _s.KnowClocks(("gl1", 0), ("gl2", -60));
        Observation Set(double at, string node, string option, string? value) =>
            Attributes("volume/gv0", at, "gf_event", value is null ? "option-reset" : "option-set", ($"options.{option}", value)) with { Node = node };
        _s.Tell(State_("volume/gv0", "created", at: 1));
        _s.Tell(Set(10, "gl1", "a", "1"));
        _s.Tell(Set(20, "gl1", "a", "2"));
        _s.Tell(Set(-50, "gl2", "a", "1")).ShouldBe(Suppression.Late);
        _s.Tell(Set(-45, "gl2", "b", "1")).ShouldBe(Suppression.None);
        _s.Tell(Set(30, "gl1", "a", null)).ShouldBe(Suppression.None);
        _s.Tell(Set(-40, "gl2", "a", "2")).ShouldBe(Suppression.Late);
        _s.State.Find(EntityId.Parse("volume/gv0"))!.Attributes.ShouldBe(new Dictionary<string, string> { ["options.b"] = "1" });
    }

    [Fact]
    public void An_option_that_the_first_description_shows_before_its_report_arrives_is_announced_once()
    {
        Observation Volume(params (string, string?)[] options) => Attributes("volume/gv0", 0, "get_state", null, options) with { State = "created" };
        Observation report = Attributes("volume/gv0", 12, "gf_event", "option-set", ("options.b", "2"));
        _s.Tell(State_("volume/gv0", "created", at: 10));

        // glusterd was busy: the look began before the option was set and was answered after it.
        _s.Look(10.5, observations: [Volume(("options.a", "1"), ("options.b", "2"))]);
        _s.Tell(report);
        _s.Tell(report with { Source = "hooks" });
        _s.Look(70, observations: [Volume(("options.a", "1"), ("options.b", "2"))]);
        _s.Told.ShouldBe(["volume/gv0 created", "volume/gv0 option-set"]);
    }

    /// <summary>As seen in a busy demo: <c>volume create</c> and <c>volume set</c> in one script, and the look that the first one asked for overtakes the datagram of the second.</summary>
    [Theory]
    [InlineData(0.005, "2", "volume/gv0 option-set")]
    [InlineData(4.9, "2", "volume/gv0 option-set")]
    [InlineData(5.1, "2", null)]
    [InlineData(0.005, "1", null)]
    [InlineData(0.005, null, null)]
    public void An_option_that_the_first_description_shows_is_announced_though_its_report_is_older_than_the_look(double older, string? value, string? told)
    {
        Observation Volume(params (string, string?)[] options) => Attributes("volume/gv0", 0, "get_state", null, options) with { State = "created" };
        _s.Tell(State_("volume/gv0", "created", at: 1));
        _s.Look(12, observations: [Volume(("options.a", "1"), ("options.b", "2"))]);

        _s.Tell(Attributes("volume/gv0", 12 - older, "gf_event", "option-set", ("options.b", value)));
        _s.Tell(Attributes("volume/gv0", 12 - older, "hooks", "option-set", ("options.b", value)));
        _s.Look(70, observations: [Volume(("options.a", "1"), ("options.b", "2"))]);

        _s.Told.ShouldBe(told is null ? ["volume/gv0 created"] : ["volume/gv0 created", told]);
    }

    [Fact]
    public void An_old_look_does_not_take_back_an_option_that_was_set_since()
    {
        Observation Volume(params (string, string?)[] options) => Attributes("volume/gv0", 0, "get_state", null, options) with { State = "started" };
        _s.Look(0, first: true, observations: [Volume(("options.a", "1"))]);
        _s.Tell(Attributes("volume/gv0", 12, "gf_event", "option-set", ("options.b", "2")));
        _s.Look(11, observations: [Volume(("options.a", "1"))]);
        _s.Told.ShouldBe(["volume/gv0 option-set"]);
    }

    [Fact]
    public void A_look_that_began_before_another_nodes_change_does_not_take_it_back()
    {
        Observation Volume(params (string, string?)[] options) => Attributes("volume/gv0", 0, "get_state", null, options) with { State = "started" };
        _s.Look(0, "gl1", first: true, observations: [Volume(("options.a", "1"))]);
        _s.Tell(Attributes("volume/gv0", 10.1, "gf_event", "option-set", ("options.b", "2")));
        _s.Look(10.0, "gl2", first: true, observations: [Volume(("options.a", "1"))]);
        _s.Look(60, "gl2", observations: [Volume(("options.a", "1"), ("options.b", "2"))]);
        _s.Told.ShouldBe(["volume/gv0 option-set"]);
    }

    [Fact]
    public void Options_found_by_the_first_look_describe_and_later_ones_are_news()
    {
        Observation Volume(params (string, string?)[] options) => Attributes("volume/gv0", 0, "get_state", null, options) with { State = "started" };
        _s.Look(0, first: true, observations: [Volume(("options.a", "1"), ("brickCount", "3"))]);
        _s.Tell(Attributes("volume/gv0", 10, "gf_event", "option-set", ("options.b", "2")));
        _s.Look(20, observations: [Volume(("options.a", "1"), ("options.b", "2"), ("brickCount", "3"))]);
        _s.Look(80, observations: [Volume(("options.b", "3"), ("brickCount", "3"))]);

        _s.Told.ShouldBe(["volume/gv0 option-set", "volume/gv0 changed"]);
        _s.Announced.Last().Changed.ShouldBe(new Dictionary<string, AttributeChange> { ["options.a"] = new("1", null), ["options.b"] = new("2", "3") });
    }

    [Fact]
    public void A_look_that_tells_more_of_a_volume_than_the_one_before_is_no_news()
    {
        Observation Volume(params (string, string?)[] attributes) => Attributes("volume/gv0", 0, "get_state", null, attributes) with { State = "started" };
        _s.Look(0, first: true, observations: [Volume(("brickCount", "3"))]);
        _s.Look(20, observations: [Volume(("brickCount", "3"), ("distCount", "1"))]);
        _s.Told.ShouldBeEmpty();
    }

    [Fact]
    public void A_reset_found_by_a_look_is_called_a_reset()
    {
        Observation Volume(params (string, string?)[] options) => Attributes("volume/gv0", 0, "get_state", null, options) with { State = "started" };
        _s.Look(0, first: true, observations: [Volume(("options.a", "1"))]);
        _s.Look(20, observations: [Volume()]);
        _s.Told.ShouldBe(["volume/gv0 option-reset"]);
    }

    [Fact]
    public void Added_bricks_are_one_message_although_the_next_look_shows_another_count()
    {
        Observation Volume(string count) => Attributes("volume/gv0", 0, "get_state", null, ("brickCount", count)) with { State = "started" };
        _s.Look(0, first: true, observations: [Volume("3")]);
        _s.Tell(Attributes("volume/gv0", 10, "gf_event", null) with { Occurrence = "bricks-added" });
        _s.Look(11, observations: [Volume("6")]);
        _s.Look(60, observations: [Volume("9")]);
        _s.Told.ShouldBe(["volume/gv0 bricks-added", "volume/gv0 changed"]);
    }
}
