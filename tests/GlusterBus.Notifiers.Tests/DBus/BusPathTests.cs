using GlusterBus.Contracts.Entities;
using GlusterBus.Notifiers.DBus.Model;

namespace GlusterBus.Notifiers.Tests.DBus;

public sealed class BusPathTests
{
    [Theory]
    [InlineData("volume/gv0", "/org/glusterbus/volumes/gv0")]
    [InlineData("volume/my-vol.1", "/org/glusterbus/volumes/my_2dvol_2e1")]
    [InlineData("volume/0day", "/org/glusterbus/volumes/_30day")]
    [InlineData("volume/a_b", "/org/glusterbus/volumes/a_5fb")]
    [InlineData("volume/größe", "/org/glusterbus/volumes/gr_c3_b6_c3_9fe")]
    [InlineData("brick/gv0/n1:/data/b1", "/org/glusterbus/bricks/gv0/n1_3a_2fdata_2fb1")]
    [InlineData("peer/n1/n2.example.org", "/org/glusterbus/peers/n1/n2_2eexample_2eorg")]
    [InlineData("node/n1", "/org/glusterbus/nodes/n1")]
    [InlineData("quorum/gv0", null)]
    [InlineData("brick/gv0", null)]
    public void An_entity_has_its_path_escaped_as_systemd_does_it(string entity, string? path) => BusPath.Of(EntityId.Parse(entity)).ShouldBe(path);

    [Fact]
    public void Different_names_have_different_labels()
    {
        string[] names = ["a-b", "a_b", "a_2db", "a.b", "ab", "1a", "_31a", "_"];
        names.Select(BusPath.Label).Distinct().Count().ShouldBe(names.Length);
    }

    [Theory]
    [InlineData("größe 🜛", "größe 🜛")]
    [InlineData("a\0b", "a\ufffdb")]
    [InlineData("a\ufffe\ufdd0b", "a\ufffd\ufffdb")]
    public void A_text_is_cleaned_of_what_the_bus_would_end_the_connection_for(string text, string clean) => BusText.Clean(text).ShouldBe(clean);

    [Fact]
    public void Half_a_pair_is_cleaned() => BusText.Clean("half " + "\U0001f71b"[..1]).ShouldBe("half \ufffd");

    [Fact]
    public void The_last_two_characters_of_every_plane_are_cleaned_too() => BusText.Clean("x" + char.ConvertFromUtf32(0x1ffff) + "y").ShouldBe("x\ufffdy");

    [Theory]
    [InlineData("n1 n2 n3", null, "n2", "n2")]
    [InlineData("n1 n2 n3", "n3", "n2", "n3")]
    [InlineData("n1 n2 n3", "n9", "n2", null)]
    [InlineData("n1 n2 n3", null, "elsewhere", null)]
    [InlineData("n1", null, "elsewhere", "n1")]
    [InlineData("", null, "n1", null)]
    public void The_glusterd_of_this_machine_is_told_or_found_and_never_guessed(string nodes, string? configured, string machine, string? own) =>
        OwnNode.Of(nodes.Split(' ', StringSplitOptions.RemoveEmptyEntries), configured, machine).ShouldBe(own);
}
