using System.Text.RegularExpressions;
using GlusterBus.Pipeline.Tests.Api;

namespace GlusterBus.Pipeline.Tests.Observability;

/// <summary>A metric as a role shows it.</summary>
/// <param name="Name">Its family.</param>
/// <param name="Type">counter, gauge or histogram.</param>
/// <param name="Labels">The names of the labels of its samples, ordered; null when it has no sample.</param>
internal sealed record ShownMetric(string Name, string Type, string? Labels);

/// <summary>What a role answers on <c>/metrics</c>.</summary>
internal static partial class Scrape
{
    public static async Task<ShownMetric[]> OfAsync(string socket, CancellationToken cancellationToken)
    {
        using HttpClient client = UnixHttp.Client(socket);
        return Parse(await client.GetStringAsync("metrics", cancellationToken));
    }

    private static ShownMetric[] Parse(string text)
    {
        (string Name, string Labels)[] samples = [.. text.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => (
            line[..line.IndexOfAny(['{', ' '])],
            string.Join(", ", Label().Matches(line).Select(label => label.Groups[1].Value).Where(name => name != "le").Order(StringComparer.Ordinal))))];
        return
        [
            .. Family().Matches(text).Select(family => (Name: family.Groups[1].Value, Type: family.Groups[2].Value)).Select(family => new ShownMetric(
                family.Name,
                family.Type,
                samples.Where(sample => sample.Name == family.Name || (family.Type == "histogram" && sample.Name == family.Name + "_count")).Select(sample => sample.Labels).Distinct().SingleOrDefault())),
        ];
    }

    [GeneratedRegex("^# TYPE (\\S+) (\\S+)$", RegexOptions.Multiline)]
    private static partial Regex Family();

    [GeneratedRegex("([a-z_]+)=\"")]
    private static partial Regex Label();
}
