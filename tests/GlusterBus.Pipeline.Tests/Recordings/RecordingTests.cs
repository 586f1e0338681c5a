using System.Globalization;
using System.Text;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Pipeline.Tests.Recordings;

/// <summary>What becomes of eighty minutes of real cluster life: few messages, the same ones every time.</summary>
public sealed class RecordingTests
{
    private static string Fixtures => Path.Combine(AppContext.BaseDirectory, "fixtures", "recordings");

    public static TheoryData<string> Names => ["udp", "extra", "georep", "long"];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_same_recording_gives_the_same_bytes(string name) => Bytes(Play(name)).ShouldBe(Bytes(Play(name)));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_recording_tells_its_story_and_nothing_else(string name)
    {
        string told = string.Join('\n', Play(name).Select(t => string.Create(CultureInfo.InvariantCulture, $"{t.Time:HH:mm:ss.fff} {t.Entity} {t.Change}")));
        string expected = File.ReadAllText(Path.Combine(Fixtures, name, "story.txt")).TrimEnd();
        told.ShouldBe(expected);
    }

    private static IReadOnlyList<Transition> Play(string name) => new Recording(Path.Combine(Fixtures, name)).Play();

    private static string Bytes(IReadOnlyList<Transition> transitions) => string.Join('\n', transitions.Select(t => Encoding.UTF8.GetString(TransitionJson.Write(t))));
}
