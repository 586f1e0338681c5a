using System.Globalization;
using System.Text;
using GlusterBus.Collectors.GlusterEvents;
using GlusterBus.Collectors.GlusterEvents.Subjects;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Runtime.Gluster;
using GlusterBus.TestKit;

namespace GlusterBus.Collectors.Tests.GlusterEvents;

public sealed class GlusterEventMappingTests
{
    [Fact]
    public void Every_recorded_datagram_says_what_the_golden_file_says()
    {
        var text = new StringBuilder();
        foreach ((string name, string datagram) in RecordedDatagrams.All)
        {
            GlusterEventReading reading = EventScene.Read(datagram, new GlusterEventsOptions { Clients = true });
            reading.Error.ShouldBeNull(datagram);
            text.Append(name).Append(' ').Append(datagram.Split(' ', 3)[2].Trim()).Append('\n');
            text.Append(reading.Ignored is { } ignored ? $"    ignored: {ignored}\n" : "");
            foreach (Observation observation in reading.Observations)
            {
                text.Append("    ").Append(EventScene.Line(observation)).Append('\n');
            }

            text.Append(reading.Reconcile is { } wait ? string.Create(CultureInfo.InvariantCulture, $"    look after {wait.TotalMilliseconds} ms\n") : "");
        }

        string golden = Path.Combine(AppContext.BaseDirectory, "fixtures", "events", "observations.golden.txt");
        string actual = Path.Combine(AppContext.BaseDirectory, "observations.actual.txt");
        File.WriteAllText(actual, text.ToString());
        text.ToString().ShouldBe(File.ReadAllText(golden), $"what it is now: {actual}");
    }

    [Fact]
    public void Every_event_of_the_list_says_something_within_the_vocabulary()
    {
        foreach (GlusterEventDefinition definition in GlusterEventNames.All)
        {
            GlusterEventReading reading = EventScene.Read(Sample(definition), new GlusterEventsOptions { Clients = true });
            reading.Error.ShouldBeNull(definition.Name);
            reading.Observations.ShouldNotBeEmpty(definition.Name);
            foreach (Observation o in reading.Observations)
            {
                EntityKind kind = EntityKinds.Of(o.Entity).ShouldNotBeNull($"{definition.Name}: {o.Entity}");
                (o.State is null || kind.States.ContainsKey(o.State)).ShouldBeTrue($"{definition.Name}: {o.Entity} = {o.State}");
                o.Unless.ShouldAllBe(state => kind.States.ContainsKey(state), definition.Name);
                (o.State is null || o.Occurrence is null).ShouldBeTrue(definition.Name);
            }
        }
    }

    [Fact]
    public void Every_event_that_is_published_as_a_fact_comes_back_as_the_same_classic_event()
    {
        foreach (GlusterEventDefinition definition in GlusterEventNames.All)
        {
            GlusterEventReading reading = EventScene.Read(Sample(definition), new GlusterEventsOptions { Clients = true });
            Observation o = reading.Observations[0];
            if (o.Weight == Weight.Hint)
            {
                continue;
            }

            ClassicMapping.FromTransition(TransitionOf(o))!.Name.ShouldBe(definition.Name);
        }
    }

    [Fact]
    public void A_brick_is_known_by_host_and_path() => EventScene.Line(EventScene.Only("77 peer=gl2;volume=rv;brick=/srv/rv1")).ShouldBe("brick/rv/gl2:/srv/rv1 = online");

    [Fact]
    public void A_volume_given_by_uuid_is_called_by_its_name() =>
        EventScene.Only("95 Usage=1.1MB;volume=aaaaaaaa-0000-0000-0000-000000000000;path=/q").Entity.Value.ShouldBe("quota/rv/q");

    [Fact]
    public void The_root_of_a_volume_has_a_quota_limit_of_its_own() => EventScene.Only("95 Usage=1.1MB;volume=rv;path=/").Entity.Value.ShouldBe("quota/rv//");

    [Theory]
    [InlineData("69 peer=10.77.0.2:49147")]
    [InlineData("70 host=10.77.0.2;uuid=22222222-0000-0000-0000-000000000000")]
    [InlineData("73 peer=22222222-0000-0000-0000-000000000000")]
    public void A_peer_is_called_by_its_name_whatever_the_datagram_calls_it(string payload) => EventScene.Only(payload).Entity.Value.ShouldBe("peer/gl1/gl2");

    [Fact]
    public void A_rejected_peer_that_connects_stays_rejected()
    {
        EventScene.Only("70 host=gl2;uuid=u").Unless.ShouldContain("rejected");
        EventScene.Only("71 peer=gl2;uuid=u;state=Peer Rejected").Unless.ShouldContain("rejected");
    }

    [Fact]
    public void A_failed_probe_is_no_lost_peer()
    {
        EventScene.Only("71 peer=nosuchhost;uuid=00000000-0000-0000-0000-000000000000;state=Establishing Connection").Weight.ShouldBe(Weight.Hint);
        EventScene.Only("71 peer=gl2;uuid=22222222-0000-0000-0000-000000000000;state=Peer in Cluster").Weight.ShouldBe(Weight.Fact);
    }

    [Fact]
    public void A_detach_must_be_confirmed_by_a_look_at_once()
    {
        GlusterEventReading reading = EventScene.Read("1 1 host=gl2");
        reading.Observations.ShouldHaveSingleItem().Weight.ShouldBe(Weight.Hint);
        reading.Reconcile.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void Options_of_all_volumes_belong_to_the_cluster() =>
        EventScene.Line(EventScene.Only("6 name=all;options=,cluster.brick-multiplex,off")).ShouldBe("cluster/all ~ option-set [options.cluster.brick-multiplex=off]");

    [Fact]
    public void A_secret_option_travels_neither_as_attribute_nor_in_the_evidence()
    {
        Observation o = EventScene.Only("6 name=rv;options=,auth.login.rv.password,hunter2,nfs.disable,on");
        o.Attributes["options.auth.login.rv.password"].ShouldBe("***");
        o.Attributes["options.nfs.disable"].ShouldBe("on");
        o.Evidence!.Text.ShouldBe("1795339000 6 name=rv;options=,auth.login.rv.password,***,nfs.disable,on");
        Observation georep = EventScene.Only("17 option=ssh-secret;value=hunter2;primary=pv;secondary=gr3::sv");
        (georep.Evidence!.Text + string.Join(' ', georep.Attributes.Values)).ShouldNotContain("hunter2");
    }

    [Fact]
    public void A_reset_takes_the_option_away() =>
        EventScene.Line(EventScene.Only("7 name=rv;option=performance.quick-read")).ShouldBe("volume/rv ~ option-reset [options.performance.quick-read=∅]");

    [Fact]
    public void A_reset_of_all_options_asks_for_a_look_at_once()
    {
        GlusterEventReading reading = EventScene.Read("1 7 name=rv;option=all");
        reading.Observations.ShouldAllBe(o => o.Weight == Weight.Hint);
        reading.Reconcile.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void Added_bricks_are_one_occurrence_and_quiet_addresses()
    {
        IReadOnlyList<Observation> all = EventScene.Read("1 123 volume=rv;bricks=gl1:/srv/rv2 gl2:/srv/a b ").Observations;
        all.Select(EventScene.Line).ShouldBe(
        [
            "volume/rv ! bricks-added (Info) [bricks=gl1:/srv/rv2 gl2:/srv/a b] [brickCount=4]",
            "brick/rv/gl1:/srv/rv2 ~ changed [volume=rv] [host=gl1] [path=/srv/rv2]",
            "brick/rv/gl2:/srv/a b ~ changed [volume=rv] [host=gl2] [path=/srv/a b]",
        ]);
    }

    [Fact]
    public void A_brick_whose_volume_is_unknown_is_left_to_the_router() => EventScene.Only("102 brick=gl9:/x").Entity.Value.ShouldBe("brick/?/gl9:/x");

    [Fact]
    public void A_failed_health_check_names_its_probable_cause()
    {
        Observation o = EventScene.Only("105 op=open_for_write;path=/srv/hv/.glusterfs/health_check;error=Structure needs cleaning;brick=gl2:/srv/hv timeout is 20");
        (o.Entity.Value, o.State, o.Attributes["probableCause"]).ShouldBe(("brick/hv/gl2:/srv/hv", "health-failed", "damaged XFS file system"));
    }

    [Theory]
    [InlineData("Input/output error", "disk or controller")]
    [InlineData("No space left on device", "the file system is full")]
    [InlineData("Something new", null)]
    [InlineData(null, null)]
    public void The_cause_is_read_from_the_error_text(string? error, string? cause) => BrickEvents.ProbableCause(error).ShouldBe(cause);

    [Fact]
    public void A_disconnect_does_not_hide_the_reason_told_before() => EventScene.Only("76 peer=gl2;volume=hv;brick=/srv/hv").Unless.ShouldContain("health-failed");

    [Fact]
    public void The_first_brick_back_is_not_yet_the_quorum()
    {
        EventScene.Only("108 client-pid=0; subvol=rv-replicate-0").Unless.ShouldBe(["no-quorum"]);
        EventScene.Only("106 client-pid=0; subvol=rv-replicate-0").Unless.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("109 client-pid=0; subvol=my-replicate-1-replicate-12", "subvol/my-replicate-1/replicate-12")]
    [InlineData("89 subvol=ev-disperse-0", "subvol/ev/disperse-0")]
    public void A_subvolume_is_split_at_its_translator(string payload, string entity) => EventScene.Only(payload).Entity.Value.ShouldBe(entity);

    [Theory]
    [InlineData("file=d77b853b-9601-4ac6-8167-096d6d1acbbf", "splitbrain/sb/d77b853b-9601-4ac6-8167-096d6d1acbbf")]
    [InlineData("file=<gfid:00000000-0000-0000-0000-000000000001>/a>;count=2;child-0=sb-client-0", "splitbrain/sb/<gfid:00000000-0000-0000-0000-000000000001>/a")]
    [InlineData("file=/dir/a", "splitbrain/sb//dir/a")]
    public void A_file_in_split_brain_is_known_by_what_the_event_has_of_it(string file, string entity) =>
        EventScene.Only("110 client-pid=-6;subvol=sb-replicate-0;type=data;" + file).Entity.Value.ShouldBe(entity);

    [Theory]
    [InlineData("gr3::sv")]
    [InlineData("root@gr3::sv")]
    [InlineData("ssh://gr3::sv")]
    [InlineData("ssh://root@gr3:gluster://localhost:sv")]
    public void A_session_has_one_name_however_its_secondary_was_typed(string secondary) =>
        EventScene.Only("12 primary=pv;secondary=" + secondary).Entity.Value.ShouldBe("georep/pv/gr3::sv");

    [Fact]
    public void The_old_words_of_geo_replication_are_understood() =>
        EventScene.Only("91 master_volume=pv;master_node=gr1;master_node_id=u;slave_host=gr3;slave_volume=sv;current_slave_host=gr3;brick_path=/srv/pv")
            .Entity.Value.ShouldBe("worker/pv/gr3::sv/gr1:/srv/pv");

    [Fact]
    public void A_damaged_file_belongs_to_the_volume_of_the_local_brick() =>
        EventScene.Line(EventScene.Only("96 gfid=f4ad;path=/victim;brick=/srv/rv1")).ShouldBe("object/rv/f4ad/gl1:/srv/rv1 = corrupted [brick=brick/rv/gl1:/srv/rv1] [path=/victim]");

    [Fact]
    public void A_bitrot_command_without_payload_asks_for_a_look()
    {
        GlusterEventReading reading = EventScene.Read("1 19 (null)");
        reading.Observations.ShouldHaveSingleItem().Weight.ShouldBe(Weight.Hint);
        reading.Reconcile.ShouldBe(TimeSpan.Zero);
    }

    private static string Sample(GlusterEventDefinition definition)
    {
        IEnumerable<string> keys = definition.Keys.Count == 0 ? ["volume"] : definition.Keys.Select(k => k.Name.Replace("#", "0", StringComparison.Ordinal));
        return $"1795339000 {definition.Number} {string.Join(';', keys.Select(k => $"{k}={Value(definition.Name, k)}"))}";
    }

    private static string Value(string name, string key) => key switch
    {
        "volume" or "name" or "primary" or "primary_volume" or "volume_name" => "rv",
        "peer" or "host" or "primary_node" => "gl2",
        "bricks" => "gl1:/srv/rv1 gl2:/srv/rv1",
        "source-brick" or "destination-brick" => "gl2:/srv/rv1",
        "brick" => name.StartsWith("BRICK", StringComparison.Ordinal) || name == "BITROT_BAD_FILE" ? "/srv/rv1" : "gl2:/srv/rv1",
        "brick_path" => "/srv/rv1",
        "subvol" => name.StartsWith("EC_", StringComparison.Ordinal) ? "rv-disperse-0" : "rv-replicate-0",
        "client-pid" => "0",
        "options" => ",nfs.disable,on",
        "option" => "nfs.disable",
        "secondary" => "gr3::sv",
        "value" when name == "BITROT_SCRUB_OPTION" => "pause",
        _ => "x",
    };

    private static Transition TransitionOf(Observation o) => new()
    {
        Cluster = "c",
        Entity = o.Entity,
        Sequence = 1,
        Change = o.State ?? o.Occurrence ?? o.Change ?? "changed",
        Severity = Severity.Info,
        Reason = TransitionReason.StateChanged,
        Evidence = [o.Evidence!],
        Time = o.ObservedAt,
        RecordedAt = o.ObservedAt,
    };
}
