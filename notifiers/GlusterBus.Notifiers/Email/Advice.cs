using System.Text.Json;
using System.Text.RegularExpressions;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Runtime.Text;

namespace GlusterBus.Notifiers.Email;

/// <summary>A row of <c>advice.json</c>.</summary>
/// <param name="Kind">The kind of entity; <c>*</c> stands for any that has no row of its own for the state.</param>
/// <param name="States">States that it is about.</param>
/// <param name="Look">What to look at, in this order; <c>{name}</c>, <c>{first}</c>, <c>{second}</c>, <c>{volume}</c>, <c>{host}</c>, <c>{path}</c> and <c>{log}</c> (a brick's)
/// stand for parts of the entity's name.</param>
internal sealed record AdviceRow(string Kind, IReadOnlyList<string> States, IReadOnlyList<string> Look);

/// <summary>What to look at next: a table by kind and state.</summary>
internal static partial class Advice
{
    public static IReadOnlyList<AdviceRow> Rows { get; } = Load();

    /// <summary>The lines for a transition into a bad state; none for all others.</summary>
    public static IReadOnlyList<string> For(Transition transition)
    {
        if (!Incidents.IsBad(transition.Severity) || (transition.Occurrence is null ? transition.Current : transition.Change) is not { } state)
        {
            return [];
        }

        AdviceRow? row = Rows.FirstOrDefault(r => r.Kind == transition.Entity.Kind && r.States.Contains(state)) ?? Rows.FirstOrDefault(r => r.Kind == "*" && r.States.Contains(state));
        IReadOnlyDictionary<string, string> parts = Parts(transition.Entity);
        return [.. (row?.Look ?? []).Select(line => Fill(line, parts)).OfType<string>()];
    }

    /// <summary>The words that a line may have in braces, with what they stand for here.</summary>
    public static IReadOnlyDictionary<string, string> Parts(EntityId entity)
    {
        string[] names = entity.Name.Split('/', 2);
        var parts = new Dictionary<string, string>(StringComparer.Ordinal) { ["name"] = entity.Name, ["first"] = names[0] };
        if (names.Length > 1)
        {
            parts["second"] = names[1];
        }

        if (entity.Kind == "brick" && names.Length > 1)
        {
            parts["volume"] = names[0];
            int colon = names[1].IndexOf(":/", StringComparison.Ordinal);
            if (colon > 0)
            {
                (parts["host"], parts["path"]) = (names[1][..colon], names[1][(colon + 1)..]);
                parts["log"] = $"/var/log/glusterfs/bricks/{parts["path"].Trim('/').Replace('/', '-')}.log";
            }
        }

        return parts;
    }

    /// <summary>Null when the entity lacks a part that the line needs: half a command helps nobody.</summary>
    private static string? Fill(string line, IReadOnlyDictionary<string, string> parts)
    {
        bool isWhole = true;
        string filled = Placeholder().Replace(line, match =>
        {
            if (parts.TryGetValue(match.Groups[1].Value, out string? value) && value != EntityId.AnyVolume)
            {
                return Quoted(TransitionText.Clean(value));
            }

            isWhole = false;
            return "";
        });
        return isWhole ? filled : null;
    }

    /// <summary>As one word of a shell: names come from the network, and people paste commands.</summary>
    private static string Quoted(string value) => PlainWord().IsMatch(value) ? value : $"'{value.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static AdviceRow[] Load()
    {
        using Stream stream = typeof(Advice).Assembly.GetManifestResourceStream("GlusterBus.Notifiers.Email.advice.json")!;
        return JsonSerializer.Deserialize<AdviceRow[]>(stream, JsonSerializerOptions.Web)!;
    }

    [GeneratedRegex(@"\{([a-z]+)\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"^[A-Za-z0-9_.:/@%+][A-Za-z0-9_.:/@%+-]*$")]
    private static partial Regex PlainWord();
}
