using System.Net;
using GlusterBus.Collectors.GlusterEvents;
using GlusterBus.Contracts.Messages;
using GlusterBus.Runtime.Gluster;

namespace GlusterBus.Collectors.Tests.GlusterEvents;

public sealed class GlusterEventReaderTests
{
    [Fact]
    public void The_time_of_arrival_is_the_observations_and_the_stamp_is_the_evidences()
    {
        Observation o = EventScene.Only("5 name=rv") with { };
        o.ObservedAt.ShouldBe(EventScene.Now);
        EventScene.Read("1795338990 5 name=rv").Observations[0].Evidence!.At.ShouldBe(EventScene.Now.AddSeconds(-10));
    }

    [Theory]
    [InlineData(1795339301)]
    [InlineData(1795338699)]
    [InlineData(0)]
    public void A_stamp_that_is_off_by_more_than_five_minutes_is_not_believed(long stamp) =>
        EventScene.Read($"{stamp} 5 name=rv").Observations[0].Evidence!.At.ShouldBe(EventScene.Now);

    [Fact]
    public void The_evidence_is_the_datagram_with_its_sender()
    {
        Evidence evidence = EventScene.Only("108 client-pid=-6; subvol=rv-replicate-0").Evidence!;
        (evidence.Kind, evidence.Text, evidence.Where, evidence.Node).ShouldBe(("datagram", "1795339000 108 client-pid=-6; subvol=rv-replicate-0", "::1", "gl1"));
    }

    [Theory]
    [InlineData(-7, true)]
    [InlineData(-5, true)]
    [InlineData(-12, true)]
    [InlineData(-6, false)]
    [InlineData(0, false)]
    [InlineData(4711, false)]
    public void What_short_lived_helpers_see_is_ignored(int pid, bool isIgnored)
    {
        GlusterEventReading reading = EventScene.Read($"1 109 client-pid={pid}; subvol=rv-replicate-0");
        reading.Ignored.ShouldBe(isIgnored ? IgnoredReason.Helper : null);
        reading.Observations.Count.ShouldBe(isIgnored ? 0 : 1);
    }

    [Theory]
    [InlineData(97, "connected")]
    [InlineData(99, "disconnected")]
    public void Clients_are_published_only_when_switched_on(int number, string state)
    {
        string datagram = $"1 {number} client_uid=CTX_ID:0d1356a2-GRAPH_ID:0-PID:117-HOST:gx1-PC_NAME:rv-client-0-RECON_NO:-0;client_identifier=10.77.0.1:49148;server_identifier=10.77.0.1:51141;brick_path=/srv/rv1";
        EventScene.Read(datagram).Ignored.ShouldBe(IgnoredReason.Client);
        EventScene.Line(EventScene.Read(datagram, new GlusterEventsOptions { Clients = true }).Observations.ShouldHaveSingleItem())
            .ShouldBe($"client/rv/CTX_ID:0d1356a2-GRAPH_ID:0-PID:117-HOST:gx1 = {state} [host=gx1]");
    }

    [Fact]
    public void A_refused_client_is_published_always() =>
        EventScene.Only("98 client_uid=CTX_ID:9b-GRAPH_ID:13-PID:112-HOST:gl4-PC_NAME:rv-client-0-RECON_NO:-2;client_identifier=a;server_identifier=b;brick_path=/srv/rv1").State.ShouldBe("rejected");

    [Fact]
    public void An_outsiders_claim_is_marked() => EventScene.Read("1 80 volume=SPOOFED", isTrusted: false).Observations.ShouldAllBe(o => !o.Trusted);

    [Fact]
    public void What_cannot_be_read_is_an_error_and_no_observation()
    {
        GlusterEventReading reading = EventScene.Read("1 999 a=b");
        reading.Error!.Fault.ShouldBe(DatagramFault.UnknownNumber);
        reading.Observations.ShouldBeEmpty();
    }

    [Fact]
    public void A_name_that_can_be_no_entitys_is_an_error() => EventScene.Read("1 5 name=a\u0001b").Error!.Fault.ShouldBe(DatagramFault.BadValue);

    [Fact]
    public void The_numbers_of_version_3_9_are_understood() =>
        EventScene.Read("1 81 volume=rv", new GlusterEventsOptions { GlusterVersion = "3.9" }).Observations[0].State.ShouldBe("lost");

    [Theory]
    [InlineData("9.5", null, 24009)]
    [InlineData("9.6", null, 55555)]
    [InlineData("8", null, 24009)]
    [InlineData("11", null, 55555)]
    [InlineData("9", 1234, 1234)]
    public void The_port_follows_the_version(string version, int? port, int expected) => new GlusterEventsOptions { GlusterVersion = version, Port = port }.EffectivePort.ShouldBe(expected);

    [Fact]
    public void Random_payloads_of_every_event_never_throw()
    {
        var random = new Random(142);
        var options = new GlusterEventsOptions { Clients = true };
        var node = EventScene.Node();
        const string alphabet = "=;: ,/-<>()%.0a\u0001é@x";
        byte[] Datagram() => System.Text.Encoding.UTF8.GetBytes(
            $"1 {random.Next(-1, 143)} " + string.Join(';', Keys(random.Next(142)).Select(k => $"{k}={string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => alphabet[random.Next(alphabet.Length)]))}")));
        int told = 0;
        for (int i = 0; i < 100_000; i++)
        {
            GlusterEventReading reading = GlusterEventReader.Read(Datagram(), IPAddress.Loopback, true, EventScene.Now, node, options);
            told += reading.Observations.Count;
        }

        told.ShouldBeGreaterThan(1000);
    }

    [Fact]
    public void Random_values_in_the_right_keys_never_throw()
    {
        var random = new Random(143);
        var options = new GlusterEventsOptions { Clients = true };
        var node = EventScene.Node();
        string[] values = ["a", "/", "//", ":", "::", ":/", "a:/b", "@", "<>", "-replicate-", "x-disperse-", "ssh://", ":gluster://", " ", "\u0001", "all", "(null)", "CTX_ID:-HOST:-PC_NAME:-client-0-RECON_NO:", new string('x', 5000)];
        int told = 0;
        foreach (GlusterEventDefinition definition in Enumerable.Repeat(GlusterEventNames.All, 300).SelectMany(d => d))
        {
            string payload = string.Join(';', Keys(definition.Number).Select(k => $"{k}={values[random.Next(values.Length)]}"));
            GlusterEventReading reading = GlusterEventReader.Read(
                System.Text.Encoding.UTF8.GetBytes($"1 {definition.Number} {payload}"), IPAddress.Loopback, true, EventScene.Now, node, options);
            told += reading.Observations.Count;
        }

        told.ShouldBeGreaterThan(10_000);
    }

    private static IEnumerable<string> Keys(int number) => GlusterEventNames.All[number].Keys.Select(k => k.Name.Replace("#", "1", StringComparison.Ordinal));
}
