using System.Text.Json;

namespace GlusterBus.Contracts.Tests.Messages;

/// <summary>Holds a JSON text to one of the published schemas: required members, no undescribed ones, enums.</summary>
internal static class SchemaWalk
{
    /// <param name="schema">The file's name.</param>
    /// <param name="json">The text.</param>
    /// <param name="definition">One of the schema's <c>$defs</c>; the schema itself when left out.</param>
    public static void ShouldDescribe(string schema, ReadOnlyMemory<byte> json, string? definition = null)
    {
        using Stream text = typeof(Contracts.Messages.Transition).Assembly.GetManifestResourceStream("GlusterBus.Contracts.schema." + schema)!;
        using JsonDocument root = JsonDocument.Parse(text);
        using JsonDocument value = JsonDocument.Parse(json);
        JsonElement start = definition is null ? root.RootElement : root.RootElement.GetProperty("$defs").GetProperty(definition);
        Describes(root.RootElement, start, value.RootElement, "$");
    }

    private static void Describes(JsonElement root, JsonElement schema, JsonElement value, string path)
    {
        if (schema.TryGetProperty("$ref", out JsonElement reference))
        {
            schema = root.GetProperty("$defs").GetProperty(reference.GetString()!["#/$defs/".Length..]);
        }

        if (schema.TryGetProperty("enum", out JsonElement allowed))
        {
            allowed.EnumerateArray().Select(a => a.GetString()).ShouldContain(value.GetString(), path);
        }

        if (value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out JsonElement items))
        {
            foreach (JsonElement element in value.EnumerateArray())
            {
                Describes(root, items, element, path + "[]");
            }
        }

        if (value.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("properties", out JsonElement properties))
        {
            return;
        }

        foreach (JsonElement required in schema.TryGetProperty("required", out JsonElement list) ? list.EnumerateArray() : default)
        {
            value.TryGetProperty(required.GetString()!, out _).ShouldBeTrue($"{path}.{required}");
        }

        foreach (JsonProperty member in value.EnumerateObject())
        {
            properties.TryGetProperty(member.Name, out JsonElement inner).ShouldBeTrue($"{path}.{member.Name} is not in the schema");
            Describes(root, inner, member.Value, $"{path}.{member.Name}");
        }
    }
}
