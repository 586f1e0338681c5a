using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GlusterBus.Runtime.Configuration;

/// <summary>One option of a plugin, for people.</summary>
/// <param name="Name">The key in the configuration.</param>
/// <param name="Type">In words: <c>text</c>, <c>duration</c>, <c>true/false</c> …</param>
/// <param name="Default">As it would be written; null when there is none.</param>
/// <param name="Bounds">From the annotations; null when there are none.</param>
/// <param name="Description">The option's <c>///</c> summary; null when it has none.</param>
public sealed record OptionDescription(string Name, string Type, string? Default, string? Bounds, string? Description)
{
    /// <summary>The options of a record, in their order.</summary>
    public static IReadOnlyList<OptionDescription> Of(Type options, XmlSummaries summaries)
    {
        object defaults = Activator.CreateInstance(options)!;
        return [.. options.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.CanWrite && p.GetCustomAttribute<JsonIgnoreAttribute>() is null)
            .Select(p => Of(p, defaults, summaries))];
    }

    private static OptionDescription Of(PropertyInfo property, object defaults, XmlSummaries summaries)
    {
        object? value = property.GetValue(defaults);
        if (value is "" && property.GetCustomAttribute<RequiredAttribute>() is not null)
        {
            // What must be given has no default.
            value = null;
        }

        string name = property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);
        string? shown = value is null ? null : JsonSerializer.Serialize(value, property.PropertyType, Shown);
        string[] bounds = [.. property.GetCustomAttributes<ValidationAttribute>().Select(Bound).OfType<string>()];
        return new OptionDescription(name, TypeName(property.PropertyType), shown, bounds.Length == 0 ? null : string.Join(", ", bounds), summaries.Of(property));
    }

    private static readonly JsonSerializerOptions Shown = new(StrictBinder.Json) { Encoder = Spelling.Readable.Encoder };

    private static string? Bound(ValidationAttribute rule) => rule switch
    {
        RequiredAttribute => "required",
        RangeAttribute range => string.Create(CultureInfo.InvariantCulture, $"{range.Minimum} to {range.Maximum}"),
        MinLengthAttribute { Length: 1 } => "not empty",
        MinLengthAttribute least => $"at least {least.Length}",
        MaxLengthAttribute most => $"at most {most.Length}",
        LengthAttribute both => $"{both.MinimumLength} to {both.MaximumLength}",
        StringLengthAttribute both => $"{both.MinimumLength} to {both.MaximumLength} characters",
        RegularExpressionAttribute pattern => pattern.Pattern,
        AllowedValuesAttribute allowed => string.Join(", ", allowed.Values),
        _ => null,
    };

    private static string TypeName(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type switch
        {
            _ when type == typeof(string) => "text",
            _ when type == typeof(bool) => "true/false",
            _ when type == typeof(TimeSpan) => "duration",
            _ when type == typeof(Uri) => "URL",
            _ when type.IsEnum => string.Join("|", Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName)),
            _ when type.IsPrimitive || type == typeof(decimal) => "number",
            _ when Spelling.IsMap(type) => "map",
            _ when type.IsArray => "list of " + TypeName(type.GetElementType()!),
            _ when type.IsGenericType && type.GenericTypeArguments.Length == 1 => "list of " + TypeName(type.GenericTypeArguments[0]),
            _ => "object",
        };
    }
}
