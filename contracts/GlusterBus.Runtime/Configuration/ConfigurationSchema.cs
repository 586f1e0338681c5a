using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using GlusterBus.Contracts.Entities;
using GlusterBus.Runtime.Plugins;

namespace GlusterBus.Runtime.Configuration;

/// <summary>The JSON Schema of the configuration file, made from the options records of GlusterBus and of every plugin.</summary>
public static class ConfigurationSchema
{
    /// <summary>Where the schema is published.</summary>
    public const string Id = "https://glusterbus.org/schema/configuration.v1.json";

    public static JsonObject Of(PluginCatalog catalog)
    {
        var summaries = new XmlSummaries();
        JsonObject root = Schema(typeof(GlusterBusOptions), summaries);
        var properties = (JsonObject)root["properties"]!;
        var definitions = new JsonObject();
        Section(properties, definitions, "collectors", "collector", catalog.Collectors, summaries);
        Section(properties, definitions, "notifiers", "notifier", catalog.Notifiers, summaries);
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = Id,
            ["title"] = "GlusterBus configuration",
        };
        foreach ((string key, JsonNode? value) in root)
        {
            schema[key] = value?.DeepClone();
        }

        schema["$defs"] = definitions;
        return schema;
    }

    private static void Section(JsonObject properties, JsonObject definitions, string part, string kind, IEnumerable<PluginEntry> plugins, XmlSummaries summaries)
    {
        var named = new JsonObject();
        var byPlugin = new JsonArray();
        foreach (PluginEntry plugin in plugins)
        {
            string definition = $"{kind}.{plugin.Spec.Name}";
            definitions[definition] = Plugin(plugin, kind == "notifier", summaries);
            named[plugin.Spec.Name] = new JsonObject
            {
                ["if"] = new JsonObject { ["not"] = new JsonObject { ["required"] = new JsonArray("plugin") } },
                ["then"] = Reference(definition),
            };
            byPlugin.Add(new JsonObject
            {
                ["if"] = new JsonObject
                {
                    ["required"] = new JsonArray("plugin"),
                    ["properties"] = new JsonObject { ["plugin"] = new JsonObject { ["const"] = plugin.Spec.Name } },
                },
                ["then"] = Reference(definition),
            });
        }

        string[] names = [.. named.Select(p => p.Key)];
        properties[part] = new JsonObject
        {
            ["description"] = (string?)properties[part]?["description"],
            ["type"] = "object",
            ["properties"] = named,
            ["additionalProperties"] = new JsonObject
            {
                ["type"] = "object",
                ["required"] = new JsonArray("plugin"),
                ["properties"] = new JsonObject { ["plugin"] = new JsonObject { ["enum"] = new JsonArray([.. names.Select(n => (JsonNode)n)]) } },
                ["allOf"] = byPlugin,
            },
        };
    }

    private static JsonObject Plugin(PluginEntry plugin, bool isNotifier, XmlSummaries summaries)
    {
        JsonObject schema = Schema(plugin.Spec.OptionsType, summaries);
        var properties = (schema["properties"] as JsonObject)!;
        foreach ((string name, JsonNode? value) in (JsonObject)Schema(typeof(PluginSectionOptions), summaries)["properties"]!)
        {
            if (isNotifier || name is "enabled" or "plugin")
            {
                properties.TryAdd(name, value?.DeepClone());
            }
        }

        schema["description"] = plugin.Spec.Summary;
        schema["examples"] = new JsonArray(JsonNode.Parse(plugin.Spec.Example));
        return schema;
    }

    private static JsonObject Reference(string definition) => new() { ["$ref"] = "#/$defs/" + definition };

    private static JsonObject Schema(Type type, XmlSummaries summaries)
    {
        var exporter = new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = (context, node) => Annotate(context, node, summaries),
        };
        var schema = (JsonObject)StrictBinder.Json.GetJsonSchemaAsNode(type, exporter);
        if (schema["properties"] is null)
        {
            schema["properties"] = new JsonObject();
            schema["additionalProperties"] = false;
        }

        string[] required = [.. OptionDescription.Of(type, summaries).Where(o => o.Default is null && o.Bounds?.Contains("required", StringComparison.Ordinal) == true).Select(o => o.Name)];
        if (required.Length > 0)
        {
            schema["required"] = new JsonArray([.. required.Select(n => (JsonNode)n)]);
        }

        return schema;
    }

    private static JsonObject Annotate(JsonSchemaExporterContext context, JsonNode node, XmlSummaries summaries)
    {
        if (node is JsonValue)
        {
            // The exporter's word for "anything" is true; an object can carry a description.
            node = new JsonObject();
        }

        var schema = (JsonObject)node;
        if (context.PropertyInfo is not { AttributeProvider: PropertyInfo property })
        {
            return schema;
        }

        if ((Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) == typeof(TimeSpan))
        {
            schema["pattern"] = @"^-?(\d+\.)?\d{2}:\d{2}:\d{2}(\.\d{1,7})?$";
        }

        if (property.Name == nameof(PluginSectionOptions.Channels) && property.DeclaringType == typeof(PluginSectionOptions))
        {
            schema["items"] = new JsonObject
            {
                ["enum"] = new JsonArray([.. EntityKinds.All.Select(k => k.Name).Order(StringComparer.Ordinal).Prepend("all").Select(n => (JsonNode)n)]),
            };
        }

        foreach (ValidationAttribute rule in property.GetCustomAttributes<ValidationAttribute>())
        {
            Bound(schema, rule);
        }

        if (summaries.Of(property) is { } description)
        {
            schema.Insert(0, "description", description);
        }

        if (property.GetCustomAttribute<JsonIgnoreAttribute>() is null && property.DeclaringType is { IsAbstract: false } owner
            && owner.GetConstructor([]) is not null && property.GetValue(Activator.CreateInstance(owner)) is { } value && IsScalar(property.PropertyType))
        {
            schema["default"] = System.Text.Json.JsonSerializer.SerializeToNode(value, property.PropertyType, StrictBinder.Json);
        }

        return schema;
    }

    private static bool IsScalar(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(TimeSpan) || type == typeof(decimal);
    }

    private static void Bound(JsonObject schema, ValidationAttribute rule)
    {
        switch (rule)
        {
            case RangeAttribute { OperandType: var type } range when type == typeof(int) || type == typeof(double):
                schema["minimum"] = Number(range.Minimum);
                schema["maximum"] = Number(range.Maximum);
                break;
            case RangeAttribute range:
                schema["$comment"] = string.Create(CultureInfo.InvariantCulture, $"from {range.Minimum} to {range.Maximum}");
                break;
            case RegularExpressionAttribute pattern:
                schema["pattern"] = pattern.Pattern;
                break;
            case MinLengthAttribute least:
                schema[Holds(schema, "array") ? "minItems" : "minLength"] = least.Length;
                break;
            case MaxLengthAttribute most:
                schema[Holds(schema, "array") ? "maxItems" : "maxLength"] = most.Length;
                break;
            default:
                break;
        }
    }

    private static JsonValue Number(object bound) => bound is int whole ? JsonValue.Create(whole) : JsonValue.Create(Convert.ToDouble(bound, CultureInfo.InvariantCulture));

    private static bool Holds(JsonObject schema, string type) => schema["type"]?.ToJsonString().Contains(type, StringComparison.Ordinal) == true;
}
