using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace GlusterBus.Runtime.Configuration;

/// <summary>Binds sections of a configuration to options records and keeps every problem it meets, so that one run tells all of them.</summary>
public sealed class StrictBinder(ConfigurationDocument document)
{
    /// <summary>camelCase keys, enums by their camelCase names, unknown members refused.</summary>
    public static readonly JsonSerializerOptions Json = Freeze(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    });

    private readonly List<ConfigurationProblem> _problems = [];

    public IReadOnlyList<ConfigurationProblem> Problems => _problems;

    /// <summary>Adds a problem that the caller found.</summary>
    public void Report(string path, string text) => _problems.Add(new ConfigurationProblem(document.Where(path), path, text));

    /// <exception cref="ConfigurationException">There is at least one problem.</exception>
    public void ThrowIfAny()
    {
        if (_problems.Count > 0)
        {
            throw new ConfigurationException(_problems);
        }
    }

    /// <summary>Binds and validates one section; null when it has problems.</summary>
    /// <param name="type">The options record.</param>
    /// <param name="section">The section; keys from the environment are renamed in it to their true case.</param>
    /// <param name="path">The section's own path.</param>
    /// <param name="alsoKnown">Keys that the caller has taken out, for the list of known keys.</param>
    public object? Bind(Type type, JsonObject section, string path, IReadOnlyCollection<string>? alsoKnown = null)
    {
        int before = _problems.Count;
        CheckObject(Json.GetTypeInfo(type), section, path, alsoKnown ?? []);
        if (_problems.Count > before)
        {
            return null;
        }

        try
        {
            object options = section.Deserialize(type, Json)!;
            OptionsValidation.Validate(options, path, Report);
            return _problems.Count > before ? null : options;
        }
        catch (JsonException e)
        {
            Report(path, e.Message);
            return null;
        }
    }

    public T? Bind<T>(JsonObject section, string path)
        where T : class => (T?)Bind(typeof(T), section, path);

    /// <summary>How a key of a section is to be compared: exactly, or without case when the environment set it.</summary>
    internal StringComparison CaseOf(string path, string key) =>
        document.IsOverridden(JsonLines.Join(path, key)) ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    private void CheckObject(JsonTypeInfo type, JsonObject section, string path, IReadOnlyCollection<string> alsoKnown)
    {
        Dictionary<string, JsonPropertyInfo> known = type.Properties.ToDictionary(p => p.Name, StringComparer.Ordinal);
        foreach ((string written, JsonNode? value) in section.ToArray())
        {
            string key = TrueCase(section, written, path, known.Keys);
            string at = JsonLines.Join(path, key);
            if (known.TryGetValue(key, out JsonPropertyInfo? property))
            {
                CheckValue(property.PropertyType, value, at, property.IsSetNullable, section, key);
            }
            else
            {
                Report(at, Spelling.UnknownKey(key, [.. known.Keys, .. alsoKnown]));
            }
        }
    }

    /// <summary>Environment variables are mostly written in capitals: gives such a key the case that the options have.</summary>
    private string TrueCase(JsonObject section, string written, string path, IEnumerable<string> known)
    {
        if (!document.IsOverridden(JsonLines.Join(path, written)))
        {
            return written;
        }

        string key = known.FirstOrDefault(k => string.Equals(k, written, StringComparison.OrdinalIgnoreCase)) ?? written;
        if (key != written)
        {
            JsonNode? value = section[written];
            section.Remove(written);
            section[key] = value;
        }

        return key;
    }

    private void CheckValue(Type type, JsonNode? value, string path, bool nullable, JsonNode parent, object key)
    {
        if (value is null)
        {
            if (!nullable)
            {
                Report(path, $"null is no value here; {Spelling.Expected(type)}, or leave the key out");
            }

            return;
        }

        JsonTypeInfo info = Json.GetTypeInfo(Nullable.GetUnderlyingType(type) ?? type);
        switch (info.Kind, value)
        {
            case (JsonTypeInfoKind.Object, JsonObject section):
                CheckObject(info, section, path, []);
                break;
            case (JsonTypeInfoKind.Dictionary, JsonObject map):
                foreach ((string name, JsonNode? element) in map.ToArray())
                {
                    CheckValue(info.ElementType!, element, JsonLines.Join(path, name), nullable: false, map, name);
                }

                break;
            case (JsonTypeInfoKind.Enumerable, JsonArray array):
                for (int i = 0; i < array.Count; i++)
                {
                    CheckValue(info.ElementType!, array[i], $"{path}[{i}]", nullable: false, array, i);
                }

                break;
            default:
                CheckLeaf(info, value, path, parent, key);
                break;
        }
    }

    private void CheckLeaf(JsonTypeInfo type, JsonNode value, string path, JsonNode parent, object key)
    {
        if (type.Kind == JsonTypeInfoKind.None && Fits(value, type.Type))
        {
            return;
        }

        // A variable's value that reads as a number may be meant as a text.
        if (document.OverrideText(path) is { } text && JsonValue.Create(text) is { } asText && Fits(asText, type.Type))
        {
            if (parent is JsonObject section)
            {
                section[(string)key] = asText;
            }

            return;
        }

        Report(path, $"{Spelling.Shorten(value.ToJsonString(Spelling.Readable))} is no value here; {Spelling.Expected(type.Type)}");
    }

    private static bool Fits(JsonNode value, Type type)
    {
        try
        {
            return value.Deserialize(type, Json) is not null;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            return false;
        }
    }

    private static JsonSerializerOptions Freeze(JsonSerializerOptions options)
    {
        options.MakeReadOnly();
        return options;
    }
}
