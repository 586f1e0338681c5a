using System.Diagnostics;
using System.Text;
using GlusterBus.Runtime.Gluster;
using GlusterBus.TestKit;

namespace GlusterBus.Contracts.Tests.Gluster;

public sealed class GlusterDatagramTests
{
    [Fact]
    public void A_datagram_has_stamp_number_name_and_fields()
    {
        GlusterEvent e = Parse("1795338998 76 peer=gl2;volume=rv;brick=/srv/rv1");
        e.Stamp.ShouldBe(DateTimeOffset.FromUnixTimeSeconds(1795338998));
        e.Number.ShouldBe(76);
        e.Name.ShouldBe("BRICK_DISCONNECTED");
        e.Fields.ShouldBe([new("peer", "gl2"), new("volume", "rv"), new("brick", "/srv/rv1")]);
    }

    [Fact]
    public void A_value_may_hold_an_equals_sign() => Parse("1 6 name=rv;options=,auth.ssl-allow,CN=x")["options"].ShouldBe(",auth.ssl-allow,CN=x");

    [Fact]
    public void A_segment_without_a_key_belongs_to_the_value_before() => Parse("1 76 peer=gl2;volume=rv;brick=/b;1")["brick"].ShouldBe("/b;1");

    [Fact]
    public void A_segment_whose_key_the_event_does_not_have_belongs_to_the_value_before()
    {
        GlusterEvent e = Parse("1 6 name=rv;options=,user.note,x=1;y=2;;z");
        e["options"].ShouldBe(",user.note,x=1;y=2;;z");
        e.Fields.Count.ShouldBe(2);
    }

    [Fact]
    public void A_key_that_was_there_already_belongs_to_the_value_before() =>
        Parse("1 36 snapshot_name=s1;volume_name=rv;error=bad;volume_name=other")["error"].ShouldBe("bad;volume_name=other");

    [Fact]
    public void Free_text_with_both_signs_stays_whole() =>
        Parse("1 105 op=open;path=/b;error=code=5; retry=no;brick=gl2:/b timeout is 20")["error"].ShouldBe("code=5; retry=no");

    [Fact]
    public void A_semicolon_at_the_end_is_no_part_of_a_value() => Parse("1 76 peer=gl2;volume=rv;brick=/srv/rv1;")["brick"].ShouldBe("/srv/rv1");

    [Fact]
    public void Keys_are_trimmed()
    {
        GlusterEvent e = Parse("1 108 client-pid=-6; subvol=rv-replicate-0");
        e.Fields[1].Key.ShouldBe("subvol");
        e["subvol"].ShouldBe("rv-replicate-0");
    }

    [Theory]
    [InlineData(19)]
    [InlineData(20)]
    [InlineData(24)]
    public void The_payload_null_is_an_empty_one(int number) => Parse($"1795340335 {number} (null)").Fields.ShouldBeEmpty();

    [Fact]
    public void A_field_is_found_whatever_the_case_of_its_key()
    {
        Parse("1 10 Volume=rv;source-brick=gl3:/a;destination-brick=gl3:/b")["volume"].ShouldBe("rv");
        Parse("1 95 Usage=1.1MB;volume=rv;path=/q")["usage"].ShouldBe("1.1MB");
        Parse("1 10 Volume=rv;source-brick=gl3:/a;destination-brick=gl3:/b").Fields[0].Key.ShouldBe("Volume");
    }

    [Theory]
    [InlineData(100)]
    [InlineData(102)]
    [InlineData(105)]
    public void The_timeout_behind_a_brick_is_stripped(int number) => Parse($"1 {number} brick=gl2:/srv/hv timeout is 20")["brick"].ShouldBe("gl2:/srv/hv");

    [Fact]
    public void A_path_that_only_looks_like_a_timeout_stays() => Parse("1 105 brick=gl2:/srv/hv timeout is late")["brick"].ShouldBe("gl2:/srv/hv timeout is late");

    [Fact]
    public void A_percentage_is_kept() => Parse("1795340486 140 volume=dv;subvol=dv-client-0;usage=72.00 %")["usage"].ShouldBe("72.00 %");

    [Fact]
    public void Old_names_of_keys_are_found_by_the_new_ones()
    {
        GlusterEvent e = Parse("1 91 master_volume=pv;master_node=gr1;master_node_id=u;slave_host=gr3;slave_volume=sv;current_slave_host=gr3;brick_path=/srv/pv");
        e["primary_volume"].ShouldBe("pv");
        e["secondary_host"].ShouldBe("gr3");
        e["current_secondary_host"].ShouldBe("gr3");
        Parse("1 12 master=pv;slave=gr3::sv")["secondary"].ShouldBe("gr3::sv");
    }

    [Fact]
    public void Host_and_peer_are_the_same_key()
    {
        Parse("1 70 host=gl3;uuid=u")["peer"].ShouldBe("gl3");
        Parse("1 71 peer=gl3;uuid=u;state=Peer in Cluster")["host"].ShouldBe("gl3");
    }

    [Fact]
    public void Numbered_keys_of_a_split_brain_are_known()
    {
        GlusterEvent e = Parse("1 110 client-pid=0;subvol=sb-replicate-0;type=gfid;file=<gfid:0-1>/a;b>;count=2;child-0=sb-client-0;gfid-0=1;child-1=sb-client-1;gfid-1=2");
        e["file"].ShouldBe("<gfid:0-1>/a;b>");
        e["child-1"].ShouldBe("sb-client-1");
    }

    [Theory]
    [InlineData("", DatagramFault.Empty)]
    [InlineData("  \n", DatagramFault.Empty)]
    [InlineData("notatime 3 name=rv;force=0", DatagramFault.BadStamp)]
    [InlineData("-1 3 name=rv", DatagramFault.BadStamp)]
    [InlineData("99999999999999999999 3 name=rv", DatagramFault.BadStamp)]
    [InlineData("9223372036854775807 3 name=rv", DatagramFault.BadStamp)]
    [InlineData("1 foo a=b", DatagramFault.BadNumber)]
    [InlineData("1", DatagramFault.BadNumber)]
    [InlineData("1 3x a=b", DatagramFault.BadNumber)]
    [InlineData("1 -1 a=b", DatagramFault.UnknownNumber)]
    [InlineData("1 142 a=b", DatagramFault.UnknownNumber)]
    [InlineData("1 999 a=b", DatagramFault.UnknownNumber)]
    [InlineData("1 3", DatagramFault.NoPayload)]
    [InlineData("1 3 rv", DatagramFault.BadPayload)]
    [InlineData("1 3 =rv", DatagramFault.BadPayload)]
    [InlineData("1 3 ;name=rv", DatagramFault.BadPayload)]
    [InlineData("1 3 force=1", DatagramFault.MissingField)]
    [InlineData("1 3 name=;force=1", DatagramFault.MissingField)]
    [InlineData("1 3 (null)", DatagramFault.MissingField)]
    public void What_cannot_be_read_has_a_named_fault(string text, DatagramFault fault)
    {
        GlusterDatagram.TryParse(Encoding.UTF8.GetBytes(text), out GlusterEvent? e, out DatagramError? error).ShouldBeFalse();
        e.ShouldBeNull();
        error!.Fault.ShouldBe(fault);
        error.Text.ShouldNotBeEmpty();
        error.Label.ShouldMatch("^[a-z0-9-]+$");
    }

    [Fact]
    public void Bytes_that_are_no_utf8_are_a_fault()
    {
        GlusterDatagram.TryParse([0xff, 0xfe, .. " 3 a=b"u8], out _, out DatagramError? error).ShouldBeFalse();
        error!.Fault.ShouldBe(DatagramFault.NotUtf8);
        GlusterDatagram.TryParse([.. "1 76 peer="u8, 0xff, .. ";x=y"u8], out _, out error).ShouldBeFalse();
        error!.Fault.ShouldBe(DatagramFault.NotUtf8);
    }

    [Fact]
    public void Every_fault_has_a_label() => Enum.GetValues<DatagramFault>().Select(f => new DatagramError(f, "").Label).Distinct().Count().ShouldBe(Enum.GetValues<DatagramFault>().Length);

    [Fact]
    public void Every_recorded_datagram_is_read_under_the_right_name_and_written_again_as_it_was()
    {
        int count = 0;
        foreach ((string name, string datagram) in RecordedDatagrams.All)
        {
            GlusterEvent e = Parse(datagram);
            e.Name.ShouldBe(name);
            string expected = datagram.TrimEnd().Replace("; subvol=", ";subvol=", StringComparison.Ordinal);
            expected = name == "POSIX_HEALTH_CHECK_FAILED" ? expected.Replace(" timeout is 20", "", StringComparison.Ordinal) : expected;
            GlusterDatagram.Format(e).ShouldBe(expected);
            count++;
        }

        count.ShouldBe(126);
    }

    [Fact]
    public void A_datagram_of_semicolons_or_fields_alone_costs_no_more_than_another()
    {
        byte[] semicolons = Encoding.UTF8.GetBytes("1 76 peer=a;volume=b;brick=" + new string(';', 65000));
        byte[] fields = Encoding.UTF8.GetBytes("1 110 subvol=a" + string.Concat(Enumerable.Range(0, 4000).Select(i => $";child-{i}=x")));
        long before = Stopwatch.GetTimestamp();
        for (int i = 0; i < 20; i++)
        {
            GlusterDatagram.TryParse(semicolons, out _, out _).ShouldBeTrue();
            GlusterDatagram.TryParse(fields, out GlusterEvent? e, out _).ShouldBeTrue();
            e!.Fields.Count.ShouldBe(GlusterDatagram.MaximumFields);
        }

        Stopwatch.GetElapsedTime(before).ShouldBeLessThan(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void A_million_random_and_mutated_datagrams_never_throw()
    {
        var random = new Random(20261122);
        byte[][] seeds = [.. RecordedDatagrams.All.Select(d => Encoding.UTF8.GetBytes(d.Datagram))];
        int read = 0;
        long end = Stopwatch.GetTimestamp() + (8 * Stopwatch.Frequency);
        int tried = 0;
        for (; tried < 1_000_000 && (tried % 1024 != 0 || Stopwatch.GetTimestamp() < end); tried++)
        {
            byte[] datagram = Mutated(seeds[random.Next(seeds.Length)], random);
            bool isRead = GlusterDatagram.TryParse(datagram, out GlusterEvent? e, out DatagramError? error);
            if (isRead ? e is null : error is null)
            {
                throw new ShouldAssertException($"neither event nor error for {Convert.ToHexString(datagram)}");
            }

            read += isRead ? 1 : 0;
        }

        tried.ShouldBeGreaterThan(100_000);
        read.ShouldBeInRange(tried / 20, tried - (tried / 20));
    }

    private static byte[] Mutated(byte[] seed, Random random)
    {
        if (random.Next(10) == 0)
        {
            byte[] noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            return noise;
        }

        byte[] copy = [.. seed];
        for (int i = random.Next(4); i > 0; i--)
        {
            int at = random.Next(copy.Length);
            switch (random.Next(4))
            {
                case 0:
                    copy[at] = (byte)random.Next(256);
                    break;
                case 1:
                    copy[at] = (byte)";= ,(\0\n%-9"[random.Next(10)];
                    break;
                case 2:
                    copy = [.. copy[..at], .. copy[random.Next(copy.Length)..]];
                    break;
                default:
                    copy = [.. copy, .. copy[at..]];
                    break;
            }

            if (copy.Length == 0)
            {
                break;
            }
        }

        return copy;
    }

    private static GlusterEvent Parse(string text) =>
        GlusterDatagram.TryParse(Encoding.UTF8.GetBytes(text), out GlusterEvent? e, out DatagramError? error) ? e : throw new ShouldAssertException($"{error!.Fault}: {error.Text}");
}
