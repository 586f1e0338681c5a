using System.Globalization;
using GlusterBus.Runtime.Gluster;

namespace GlusterBus.Collectors.GetState;

/// <summary>The <c>key: value</c> lines of one thing in a get-state file.</summary>
/// <param name="name">What the file calls the thing, for messages.</param>
/// <param name="line">Where it begins.</param>
internal sealed class GetStateFields(string name, int line)
{
    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);
    private string? _last;

    public string? this[string key] => _fields.GetValueOrDefault(key);

    public IReadOnlyDictionary<string, string> All => _fields;

    /// <exception cref="GlusterReplyException">The key is missing; the message names the thing and its line.</exception>
    public string Required(string key) =>
        this[key] ?? throw new GlusterReplyException($"get-state line {line}: {name} has no '{key}'");

    public int? Number(string key) =>
        int.TryParse(this[key], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : null;

    public bool? Flag(string key, string whenSet) => this[key] is { } value ? value == whenSet : null;

    /// <summary>The fields whose key begins with a prefix, without it.</summary>
    public IReadOnlyDictionary<string, string> Under(string prefix) =>
        _fields.Where(f => f.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(f => f.Key[prefix.Length..], f => f.Value, StringComparer.Ordinal);

    /// <summary>The things within this one, such as <c>Brick1.path</c>, by number.</summary>
    public SortedDictionary<int, GetStateFields> Numbered(string prefix)
    {
        var things = new SortedDictionary<int, GetStateFields>();
        foreach ((string key, string value) in _fields)
        {
            if (TryNumber(key, prefix, out int number, out ReadOnlySpan<char> rest))
            {
                if (!things.TryGetValue(number, out GetStateFields? thing))
                {
                    things.Add(number, thing = new GetStateFields($"{name}.{prefix}{number}", line));
                }

                thing._fields[rest.ToString()] = value;
            }
        }

        return things;
    }

    /// <summary>Takes a line; false when it has no key.</summary>
    public bool TryAdd(ReadOnlySpan<char> text)
    {
        int colon = text.IndexOf(':');
        if (colon <= 0)
        {
            return false;
        }

        ReadOnlySpan<char> value = text[(colon + 1)..];
        _last = text[..colon].ToString();
        _fields[_last] = (value.StartsWith(' ') ? value[1..] : value).ToString();
        return true;
    }

    /// <summary>Adds a line to the value taken last.</summary>
    public void Continue(ReadOnlySpan<char> text)
    {
        if (_last is not null)
        {
            _fields[_last] = string.Concat(_fields[_last], "\n", text);
        }
    }

    /// <summary>Splits <c>Volume12.name: x</c> into 12 and <c>name: x</c>.</summary>
    public static bool TryNumber(ReadOnlySpan<char> text, string prefix, out int number, out ReadOnlySpan<char> rest)
    {
        number = 0;
        rest = default;
        if (!text.StartsWith(prefix, StringComparison.Ordinal))
        {
            return false;
        }

        text = text[prefix.Length..];
        int dot = text.IndexOf('.');
        if (dot <= 0 || !int.TryParse(text[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out number))
        {
            return false;
        }

        rest = text[(dot + 1)..];
        return true;
    }
}
