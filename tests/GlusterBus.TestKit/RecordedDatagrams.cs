using System.Text.RegularExpressions;

namespace GlusterBus.TestKit;

/// <summary>Datagrams of real nodes (GlusterFS 10.3), up to three of each type; needs the fixtures of <c>events</c> beside the test.</summary>
public static partial class RecordedDatagrams
{
    /// <summary>Name without <c>EVENT_</c>, and the datagram as it was on the wire.</summary>
    public static IEnumerable<(string Name, string Datagram)> All
    {
        get
        {
            string name = "";
            foreach (string line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "fixtures", "events", "udp-by-type.txt")))
            {
                if (Title().Match(line) is { Success: true } title)
                {
                    name = title.Groups[1].Value;
                }
                else if (Sample().Match(line) is { Success: true } sample)
                {
                    yield return (name, sample.Groups[1].Value);
                }
            }
        }
    }

    [GeneratedRegex(@"^\d+ EVENT_(\w+) x\d+$")]
    private static partial Regex Title();

    [GeneratedRegex(@"^    (\d+ \d+ .*)   \(src [^)]*\)$")]
    private static partial Regex Sample();
}
