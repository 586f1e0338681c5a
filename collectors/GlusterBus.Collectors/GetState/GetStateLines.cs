using GlusterBus.Runtime.Gluster;

namespace GlusterBus.Collectors.GetState;

/// <summary>The lines of a get-state file, sorted into their sections and things.</summary>
internal sealed class GetStateLines
{
    private const string LastSection = "[Misc]";

    public GetStateFields Global { get; } = new("[Global]", 1);

    public GetStateFields Options { get; } = new("[Global options]", 1);

    public SortedDictionary<int, GetStateFields> Peers { get; } = [];

    public SortedDictionary<int, GetStateFields> Volumes { get; } = [];

    public SortedDictionary<int, GetStateFields> Services { get; } = [];

    /// <exception cref="GlusterReplyException">The text does not begin or does not end as a state does.</exception>
    public static GetStateLines Split(string text)
    {
        var lines = new GetStateLines();
        string section = "";
        GetStateFields? current = null;
        int number = 0;
        bool isAfterBlank = true;
        foreach (ReadOnlySpan<char> raw in text.AsSpan().EnumerateLines())
        {
            number++;
            if (raw.IsWhiteSpace())
            {
                isAfterBlank = true;
                continue;
            }

            bool isSection = IsKnownSection(raw) || (isAfterBlank && raw is ['[', .., ']']);
            isAfterBlank = false;
            if (isSection)
            {
                section = raw.ToString();
                current = null;
                continue;
            }

            if (section.Length == 0)
            {
                throw new GlusterReplyException($"get-state line {number}: a section such as [Global] was expected");
            }

            current = lines.Take(section, raw, number, current);
        }

        return section == LastSection
            ? lines
            : throw new GlusterReplyException($"get-state line {number}: the text ends in {(section.Length == 0 ? "nothing" : section)}, before {LastSection}: it is cut off");
    }

    /// <summary>Files the line; what fits nowhere continues the value before it (descriptions may hold line breaks).</summary>
    private GetStateFields? Take(string section, ReadOnlySpan<char> line, int number, GetStateFields? current)
    {
        (string Prefix, SortedDictionary<int, GetStateFields>? Things) kind = section switch
        {
            "[Peers]" => ("Peer", Peers),
            "[Volumes]" => ("Volume", Volumes),
            "[Services]" => ("svc", Services),
            _ => ("", null),
        };
        GetStateFields? fields = section switch
        {
            "[Global]" => Global,
            "[Global options]" => Options,
            _ => null,
        };

        if (kind.Things is not null && GetStateFields.TryNumber(line, kind.Prefix, out int thing, out ReadOnlySpan<char> rest))
        {
            if (!kind.Things.TryGetValue(thing, out fields))
            {
                kind.Things.Add(thing, fields = new GetStateFields($"{kind.Prefix}{thing}", number));
            }

            line = rest;
        }

        if (fields?.TryAdd(line) == true)
        {
            return fields;
        }

        current?.Continue(line);
        return current;
    }

    /// <summary>Of other sections glusterd writes a blank line before, which tells them from a line of a description.</summary>
    private static bool IsKnownSection(ReadOnlySpan<char> line) =>
        line is "[Global]" or "[Global options]" or "[Peers]" or "[Volumes]" or "[Services]" or LastSection or "[Volume Options]";
}
