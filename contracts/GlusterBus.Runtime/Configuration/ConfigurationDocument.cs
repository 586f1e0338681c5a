using System.Collections;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GlusterBus.Runtime.Configuration;

/// <summary>The configuration as written: one JSON file with comments and trailing commas, and environment variables over it.</summary>
/// <remarks><c>GLUSTERBUS__COLLECTORS__LOGS__DIRECTORY=/srv/log</c> sets <c>collectors.logs.directory</c>: a double underscore
/// parts the keys, their case does not matter, and the value is JSON or, where that does not fit, plain text.</remarks>
public sealed class ConfigurationDocument
{
    /// <summary>What every overriding environment variable begins with.</summary>
    public const string VariablePrefix = "GLUSTERBUS__";

    private readonly Dictionary<string, (string Variable, string Text)> _overrides = new(StringComparer.OrdinalIgnoreCase);
    private readonly JsonLines _lines;

    private ConfigurationDocument(string source, JsonObject root, JsonLines lines)
    {
        Source = source;
        Root = root;
        _lines = lines;
    }

    /// <summary>The file's name, or a word for "no file".</summary>
    public string Source { get; }

    public JsonObject Root { get; }

    /// <summary>Reads a file. A file that does not exist counts as empty where it was not asked for by name.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mustExist">True when the user named the file.</param>
    /// <param name="environment">Environment variables; those without <see cref="VariablePrefix"/> are left alone.</param>
    /// <exception cref="ConfigurationException">The file can't be read or is no JSON.</exception>
    public static ConfigurationDocument Load(string path, bool mustExist, IDictionary environment)
    {
        byte[] utf8;
        try
        {
            utf8 = mustExist || File.Exists(path) ? File.ReadAllBytes(path) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string why = e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : e.Message;
            throw new ConfigurationException([new ConfigurationProblem(path, "", why)], e);
        }

        return Parse(utf8.Length == 0 ? "{}"u8 : utf8, utf8.Length == 0 && !mustExist ? "(no configuration file)" : path, environment);
    }

    /// <exception cref="ConfigurationException">The text is no JSON object.</exception>
    public static ConfigurationDocument Parse(ReadOnlySpan<byte> utf8, string source, IDictionary environment)
    {
        if (utf8.StartsWith(Encoding.UTF8.Preamble))
        {
            utf8 = utf8[Encoding.UTF8.Preamble.Length..];
        }

        try
        {
            JsonLines lines = JsonLines.Scan(utf8);
            if (lines.Duplicates.Count > 0)
            {
                throw new ConfigurationException([.. lines.Duplicates.Select(d =>
                    new ConfigurationProblem($"{source}:{d.Line}", d.Path, "this key is there twice; keep one of them"))]);
            }

            JsonNode? node = JsonNode.Parse(utf8, null, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            JsonObject root = node as JsonObject
                ?? throw new ConfigurationException([new ConfigurationProblem(source + ":1", "", "expected one JSON object { … }")]);
            var document = new ConfigurationDocument(source, root, lines);
            document.Override(environment);
            return document;
        }
        catch (JsonException e)
        {
            string text = e.Message.Split(" LineNumber:")[0].Split(" Path:")[0];
            throw new ConfigurationException([new ConfigurationProblem($"{source}:{(e.LineNumber ?? 0) + 1}", "", "not JSON: " + text)], e);
        }
    }

    /// <summary>Where a path was set: <c>file:line</c> or the environment variable.</summary>
    public string Where(string path)
    {
        for (string part = path; part.Length > 0; part = part[..Math.Max(0, part.LastIndexOfAny(['.', '[']))])
        {
            if (_overrides.TryGetValue(part, out (string Variable, string Text) found))
            {
                return "environment variable " + found.Variable;
            }
        }

        return Source.StartsWith('(') ? Source : $"{Source}:{_lines.Of(path)}";
    }

    /// <summary>The raw text of the environment variable that set a path; null when none did.</summary>
    internal string? OverrideText(string path) => _overrides.TryGetValue(path, out (string Variable, string Text) found) ? found.Text : null;

    /// <summary>True when a path, or something beneath it, came from the environment: its case is then not to be trusted.</summary>
    internal bool IsOverridden(string path) =>
        _overrides.Keys.Any(key => key.Equals(path, StringComparison.OrdinalIgnoreCase) || key.StartsWith(path + ".", StringComparison.OrdinalIgnoreCase));

    private void Override(IDictionary environment)
    {
        // In the order of the names, so that a parent is set before its children whatever order the environment has.
        foreach (string variable in environment.Keys.Cast<string>().Where(k => k.StartsWith(VariablePrefix, StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal))
        {
            string[] keys = variable[VariablePrefix.Length..].Split("__");
            if (keys.Any(key => key.Length == 0))
            {
                continue;
            }

            string text = (string)environment[variable]!;
            JsonObject parent = Root;
            string path = "";
            foreach (string written in keys[..^1])
            {
                string key = Existing(parent, written);
                path = JsonLines.Join(path, key);
                if (parent[key] is not JsonObject child)
                {
                    parent[key] = child = [];
                }

                parent = child;
            }

            string last = Existing(parent, keys[^1]);
            parent[last] = Value(text);
            _overrides[JsonLines.Join(path, last)] = (variable, text);
        }
    }

    /// <summary>The key as the file spells it; else in lower case, for the binder to match.</summary>
    private static string Existing(JsonObject parent, string key) =>
        parent.Select(p => p.Key).FirstOrDefault(k => string.Equals(k, key, StringComparison.OrdinalIgnoreCase))
        ?? (key.Any(char.IsLower) ? key : key.ToLowerInvariant());

    private static JsonNode? Value(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }
}
