using System.Text.RegularExpressions;
using GlusterBus.Contracts.Entities;
using GlusterBus.Notifiers.Email;
using static GlusterBus.Notifiers.Tests.Email.EmailFixture;

namespace GlusterBus.Notifiers.Tests.Email;

public sealed partial class AdviceTests
{
    [Fact]
    public void There_is_advice_for_every_bad_state_of_every_kind() =>
        EntityKinds.All.SelectMany(kind => kind.States.Where(state => Incidents.IsBad(state.Value)).Select(state => (kind.Name, state.Key)))
            .Where(wanted => !Advice.Rows.Any(row => row.Kind is var kind && (kind == wanted.Name || kind == "*") && row.States.Contains(wanted.Key) && row.Look.Count > 0))
            .ShouldBeEmpty();

    [Fact]
    public void No_row_is_about_a_kind_or_a_state_that_does_not_exist_or_about_one_twice()
    {
        (string Kind, string State)[] rows = [.. Advice.Rows.SelectMany(row => row.States.Select(state => (row.Kind, state)))];

        rows.ShouldBe(rows.Distinct());
        rows.Where(row => row.Kind != "*").ShouldAllBe(row => EntityKinds.Named(row.Kind)!.States.ContainsKey(row.State));
    }

    [Fact]
    public void Every_placeholder_is_known()
    {
        IEnumerable<string> known = Advice.Parts(EntityId.Brick("gv0", "gl2:/srv/b1")).Keys;

        Advice.Rows.SelectMany(row => row.Look).SelectMany(line => Placeholder().Matches(line).Select(match => match.Groups[1].Value)).ShouldBeSubsetOf(known);
    }

    [Fact]
    public void Commands_name_the_entity_its_host_and_its_log()
    {
        IReadOnlyList<string> lines = Advice.For(Brick(1, "online", "offline", "/srv/a/b1"));

        lines.ShouldContain("gluster volume status rv");
        lines.ShouldContain("On gl2: tail -n 50 /var/log/glusterfs/bricks/srv-a-b1.log");
    }

    [Fact]
    public void A_name_that_came_over_the_network_stays_one_word_of_a_pasted_command()
    {
        IReadOnlyList<string> lines = Advice.For(Brick(1, "online", "offline") with { Entity = EntityId.Brick("x; rm -rf ~", "gl2:/srv/it's") });

        lines.ShouldContain("gluster volume status 'x; rm -rf ~'");
        lines.ShouldContain(@"On gl2: findmnt --target '/srv/it'\''s'");
    }

    [Fact]
    public void Where_a_part_is_not_known_the_command_is_left_out() =>
        Advice.For(Brick(1, "online", "offline") with { Entity = EntityId.Brick(EntityId.AnyVolume, "gl2:/srv/b1") }).ShouldAllBe(line => !line.Contains("volume", StringComparison.Ordinal));

    [Fact]
    public void What_is_well_needs_no_advice() => Advice.For(Brick(2, "offline", "online")).ShouldBeEmpty();

    [GeneratedRegex(@"\{([a-z]+)\}")]
    private static partial Regex Placeholder();
}
