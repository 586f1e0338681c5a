using System.Text;
using System.Text.Json;

namespace GlusterBus.Runtime.Configuration;

/// <summary>The line on which each key of a JSON text stands; keys that stand there twice.</summary>
public sealed class JsonLines
{
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);

    /// <summary>Path and line of every key that its object had already.</summary>
    public List<(string Path, int Line)> Duplicates { get; } = [];

    /// <summary>The line of a path, from 1; of its nearest existing parent where it does not exist.</summary>
    public int Of(string path)
    {
        while (path.Length > 0)
        {
            if (_lines.TryGetValue(path, out int line))
            {
                return line;
            }

            path = path[..Math.Max(0, path.LastIndexOfAny(['.', '[']))];
        }

        return _lines.GetValueOrDefault("", 1);
    }

    /// <exception cref="JsonException">The text is no JSON.</exception>
    public static JsonLines Scan(ReadOnlySpan<byte> utf8)
    {
        var lines = new JsonLines();
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        var parents = new Stack<(string Path, int Index)>();
        string pending = "";
        int line = 1;
        int counted = 0;
        while (reader.Read())
        {
            int at = (int)reader.TokenStartIndex;
            line += utf8[counted..at].Count((byte)'\n');
            counted = at;
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    pending = Join(parents.Peek().Path, reader.GetString()!);
                    if (!lines._lines.TryAdd(pending, line))
                    {
                        lines.Duplicates.Add((pending, line));
                    }

                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    parents.Pop();
                    break;
                default:
                    string path = NextValue(parents, pending);
                    lines._lines.TryAdd(path, line);
                    if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                    {
                        parents.Push((path, reader.TokenType == JsonTokenType.StartArray ? 0 : -1));
                    }

                    break;
            }
        }

        return lines;
    }

    internal static string Join(string parent, string key) => parent.Length == 0 ? key : new StringBuilder(parent).Append('.').Append(key).ToString();

    /// <summary>The path of the value that begins: the pending key's, or the next place of the array it is in.</summary>
    private static string NextValue(Stack<(string Path, int Index)> parents, string pending)
    {
        if (!parents.TryPeek(out (string Path, int Index) parent))
        {
            return "";
        }

        if (parent.Index < 0)
        {
            return pending;
        }

        parents.Pop();
        parents.Push((parent.Path, parent.Index + 1));
        return $"{parent.Path}[{parent.Index}]";
    }
}
