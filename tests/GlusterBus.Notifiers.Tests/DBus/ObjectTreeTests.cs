using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Notifiers.DBus.Model;

namespace GlusterBus.Notifiers.Tests.DBus;

public sealed class ObjectTreeTests
{
    private readonly ObjectTree _tree = new(nodes => OwnNode.Of(nodes, null, "n1"));

    [Fact]
    public void A_transition_changes_what_it_tells_and_nothing_else()
    {
        _tree.Merge([Rows.Volume("gv0"), Rows.Volume("gv1")], 0).Select(Show).ShouldBe(["Added volumes/gv0 ", "Added volumes/gv1 "]);
        Transition stopped = Rows.Change("volume/gv0", "started", "stopped", 2, [.. Rows.Volume("gv0").Attributes.Select(a => (a.Key, a.Value))]);
        _tree.Apply(stopped).Select(Show).ShouldBe(["Changed volumes/gv0 Status,Sequence,State,Severity,Health"]);
        _tree.Apply(stopped).ShouldBeEmpty("a repetition");
    }

    [Fact]
    public void A_brick_that_fails_changes_the_health_of_its_volume()
    {
        _tree.Merge([Rows.Volume("gv0"), Rows.Of("brick/gv0/n1:/b", "online")], 0);
        _tree.Apply(Rows.Change("brick/gv0/n1:/b", "online", "offline", 2)).Select(Show).ShouldBe(
            ["Changed bricks/gv0/n1_3a_2fb Sequence,State,Severity", "Changed volumes/gv0 Health"]);
    }

    [Fact]
    public void A_replica_set_without_an_object_of_its_own_changes_the_health_of_its_volume()
    {
        _tree.Merge([Rows.Volume("gv0")], 0);
        _tree.Apply(Rows.Change("subvol/gv0/replicate-0", "up", "down", 1)).Select(Show).ShouldBe(["Changed volumes/gv0 Health"]);
        _tree.Apply(Rows.Change("subvol/gv0/replicate-0", "down", "removed", 2)).Select(Show).ShouldBe(["Changed volumes/gv0 Health"]);
    }

    [Fact]
    public void What_is_deleted_is_removed()
    {
        _tree.Merge([Rows.Volume("gv0")], 0);
        _tree.Apply(Rows.Change("volume/gv0", "stopped", "deleted", 2)).Select(Show).ShouldBe(["Removed volumes/gv0 "]);
    }

    [Fact]
    public void A_property_that_comes_is_a_change_and_one_that_goes_a_replacement()
    {
        EntityState plain = Rows.Of("brick/gv0/n1:/b", "online");
        _tree.Merge([plain], 0);
        _tree.Merge([Rows.Of("brick/gv0/n1:/b", "online", 1, ("device", "/dev/sdb"))], 0).Select(Show).ShouldBe(["Changed bricks/gv0/n1_3a_2fb Device"]);
        _tree.Merge([plain], 0).Select(Show).ShouldBe(["Replaced bricks/gv0/n1_3a_2fb "]);
    }

    [Fact]
    public void A_transition_older_than_the_state_changes_nothing()
    {
        _tree.Merge([Rows.Volume("gv0", "stopped", 5)], 0);
        _tree.Apply(Rows.Change("volume/gv0", "stopped", "started", 4)).ShouldBeEmpty();
    }

    [Fact]
    public void A_replayed_transition_changes_nothing()
    {
        _tree.Merge([Rows.Volume("gv0")], 0);
        _tree.Apply(Rows.Change("volume/gv0", "started", "stopped", 2) with { Replay = true }).ShouldBeEmpty();
    }

    [Fact]
    public void Rows_read_before_a_transition_neither_undo_it_nor_remove_what_it_brought()
    {
        _tree.Merge([Rows.Of("brick/gv0/n1:/b", "online")], 0);
        long stamp = _tree.Stamp;
        IReadOnlyList<EntityState> read = [Rows.Of("brick/gv0/n1:/b", "online")];
        _tree.Apply(Rows.Change("brick/gv0/n1:/b", "online", "offline", 2));
        _tree.Apply(Rows.Change("volume/gv1", null, "created", 1));
        _tree.Merge(read, stamp).ShouldBeEmpty();
        _tree.Merge(read, _tree.Stamp).Select(Show).ShouldBe(["Changed bricks/gv0/n1_3a_2fb Sequence,State,Severity", "Removed volumes/gv1 "]);
    }

    [Fact]
    public void Glusterd_comes_and_goes_with_its_node()
    {
        _tree.Merge([Rows.Of("node/n1", "online"), Rows.Of("node/n2", "online")], 0).Select(Show).ShouldBe(["Added nodes/n1 ", "Added nodes/n2 ", "Added glusterd "]);
        _tree.Apply(Rows.Change("node/n1", "online", "offline", 2)).Select(Show).ShouldBe(["Changed nodes/n1 Sequence,State,Severity", "Changed glusterd Sequence,State,Severity"]);
        _tree.Merge([Rows.Of("node/n2", "online"), Rows.Of("node/n3", "online")], _tree.Stamp).Select(Show).ShouldBe(["Added nodes/n3 ", "Removed nodes/n1 ", "Removed glusterd "]);
    }

    /// <remarks>The listener's law: whoever does every change it hears of has what the state alone gives.</remarks>
    [Fact]
    public void However_a_state_came_about_its_changes_lead_to_what_the_state_alone_gives()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var tree = new ObjectTree(nodes => OwnNode.Of(nodes, null, "n1"));
            var heard = new Dictionary<string, BusObject>();
            var rows = new SortedDictionary<EntityId, EntityState>();
            for (int step = 0; step < 40; step++)
            {
                string entity = $"{new[] { "volume/v{0}", "brick/v{0}/n1:/b", "subvol/v{0}/r", "node/n{0}" }[random.Next(4)].Replace("{0}", random.Next(2).ToString(System.Globalization.CultureInfo.InvariantCulture))}";
                EntityId id = EntityId.Parse(entity);
                string[] states = [.. EntityKinds.Of(id)!.States.Keys.Order(StringComparer.Ordinal)];
                long sequence = (rows.GetValueOrDefault(id)?.Sequence ?? step) + 1;
                (string, string)[] attributes = random.Next(2) == 0 ? [] : [("id", "x"), ("device", "y"), ("uuid", "z")];
                EntityState row = Rows.Of(entity, states[random.Next(states.Length)], sequence, attributes);
                bool isGone = row.State == EntityKinds.Of(id)!.GoneState;
                _ = isGone ? rows.Remove(id) : rows.TryAdd(id, row);
                if (!isGone)
                {
                    rows[id] = row;
                }

                bool isTold = random.Next(3) > 0;
                Hear(heard, isTold ? tree.Apply(Rows.Change(entity, null, row.State, sequence, attributes)) : tree.Merge([.. rows.Values], tree.Stamp));
            }

            Hear(heard, tree.Merge([.. rows.Values], tree.Stamp));
            var fresh = new Dictionary<string, BusObject>();
            Hear(fresh, new ObjectTree(nodes => OwnNode.Of(nodes, null, "n1")).Merge([.. rows.Values], 0));
            Text(heard).ShouldBe(Text(fresh), $"seed {seed}");
        }
    }

    private static void Hear(Dictionary<string, BusObject> heard, IReadOnlyList<BusChange> changes)
    {
        foreach (BusChange change in changes)
        {
            heard.ContainsKey(change.Object.Path).ShouldBe(change.Kind != BusChangeKind.Added);
            heard.Remove(change.Object.Path, out BusObject? before);
            if (change.Kind == BusChangeKind.Changed)
            {
                // Only the named properties travel.
                heard[change.Object.Path] = change.Object with
                {
                    Properties = [.. change.Object.Properties.Select(p => change.Names.Contains(p.Name) ? p : before!.Properties.Single(known => known.Name == p.Name))],
                };
            }
            else if (change.Kind != BusChangeKind.Removed)
            {
                heard[change.Object.Path] = change.Object;
            }
        }
    }

    private static string[] Text(Dictionary<string, BusObject> objects) =>
        [.. objects.Values.OrderBy(o => o.Path, StringComparer.Ordinal).Select(o => $"{o.Path} {string.Join(' ', o.Properties.Select(p => $"{p.Name}={(p.Signature == "a{ss}" ? "" : p.Value)}"))}")];

    private static string Show(BusChange change) => $"{change.Kind} {change.Object.Path["/org/glusterbus/".Length..]} {string.Join(',', change.Names)}";
}
