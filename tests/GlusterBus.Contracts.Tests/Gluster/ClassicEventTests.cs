using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GlusterBus.Runtime.Gluster;
using GlusterBus.TestKit;

namespace GlusterBus.Contracts.Tests.Gluster;

public sealed class ClassicEventTests
{
    public static TheoryData<string> Recorded => [.. File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "fixtures", "events", "webhook-by-type.jsonl"))];

    [Theory]
    [MemberData(nameof(Recorded))]
    public void The_json_is_byte_for_byte_what_glustereventsd_posted(string recorded)
    {
        JsonNode root = JsonNode.Parse(recorded)!;
        GlusterEvent e = Parse(DatagramOf(root));
        string written = Encoding.UTF8.GetString(ClassicEvent.Write(e, (string)root["nodeid"]!));
        written.ShouldBe(Corrected(recorded));
    }

    [Theory]
    [InlineData("1 6 name=rv;options=,user.note,x=1;y=2", """{"event": "VOLUME_SET", "message": {"name": "rv", "options": [["user.note", "x=1;y=2"]]}, "nodeid": "n", "ts": 1}""")]
    [InlineData("1 6 name=rv;options=,auth.allow,10.0.0.1,10.0.0.2", """{"event": "VOLUME_SET", "message": {"name": "rv", "options": [["auth.allow", "10.0.0.1,10.0.0.2"]]}, "nodeid": "n", "ts": 1}""")]
    [InlineData("1 19 (null)", """{"event": "BITROT_ENABLE", "message": {}, "nodeid": "n", "ts": 1}""")]
    [InlineData("1 3 name=rv;force=yes", """{"event": "VOLUME_START", "message": {"force": true, "name": "rv"}, "nodeid": "n", "ts": 1}""")]
    [InlineData("1 3 name=rv;force=4", """{"event": "VOLUME_START", "message": {"force": false, "name": "rv"}, "nodeid": "n", "ts": 1}""")]
    public void What_glustereventsd_drops_or_mangles_is_written_whole(string datagram, string json) =>
        Encoding.UTF8.GetString(ClassicEvent.Write(Parse(datagram), "n")).ShouldBe(json);

    [Fact]
    public void Text_is_escaped_as_python_does()
    {
        GlusterEvent e = Parse("1 5 name=a\"b\\c\u007f\u00e9\U0001d11e");
        Encoding.UTF8.GetString(ClassicEvent.Write(e, "n")).ShouldContain("""
            {"name": "a\"b\\c\u007f\u00e9\ud834\udd1e"}
            """);
    }

    [Fact]
    public void Every_recorded_datagram_becomes_json_that_parses()
    {
        foreach ((string name, string datagram) in RecordedDatagrams.All)
        {
            JsonElement root = JsonDocument.Parse(ClassicEvent.Write(Parse(datagram), "n")).RootElement;
            root.GetProperty("event").GetString().ShouldBe(name);
            root.GetProperty("ts").GetInt64().ShouldBe(long.Parse(datagram.Split(' ')[0]));
        }
    }

    /// <summary>The datagram that glustereventsd made the JSON of.</summary>
    private static string DatagramOf(JsonNode root)
    {
        string name = (string)root["event"]!;
        IEnumerable<string> fields = root["message"]!.AsObject().Select(f => f.Value switch
        {
            JsonArray pairs => $"{f.Key}={string.Concat(pairs.Select(p => $",{p![0]},{p[1]}"))}",
            JsonValue v when v.TryGetValue(out bool force) => $"{f.Key}={(force ? 1 : 0)}",
            _ => $"{f.Key}={f.Value}",
        });
        return $"{root["ts"]} {GlusterEventNames.Named(name)!.Number} {string.Join(';', fields)}";
    }

    /// <summary>The recorded JSON with the documented corrections.</summary>
    private static string Corrected(string recorded)
    {
        string json = recorded.Replace(" timeout is 20\"", "\"", StringComparison.Ordinal);
        int subvol = json.IndexOf("\" subvol\": ", StringComparison.Ordinal);
        if (subvol < 0)
        {
            return json;
        }

        // Without its blank the key sorts behind client-pid.
        int end = json.IndexOf(", ", subvol, StringComparison.Ordinal);
        string field = json[subvol..end];
        return json.Remove(subvol, field.Length + 2).Replace("}, \"nodeid\"", $", \"subvol\"{field["\" subvol\"".Length..]}}}, \"nodeid\"", StringComparison.Ordinal);
    }

    private static GlusterEvent Parse(string text) =>
        GlusterDatagram.TryParse(Encoding.UTF8.GetBytes(text), out GlusterEvent? e, out DatagramError? error) ? e : throw new ShouldAssertException(error!.Text);
}
