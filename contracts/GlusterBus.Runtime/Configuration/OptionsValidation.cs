using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace GlusterBus.Runtime.Configuration;

/// <summary>Runs the annotations of an options record and of the records in it, then <see cref="IValidatableObject"/>.</summary>
internal static class OptionsValidation
{
    public static void Validate(object options, string path, Action<string, string> report)
    {
        bool annotationsHold = true;
        foreach (PropertyInfo property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.GetIndexParameters().Length == 0))
        {
            object? value = property.GetValue(options);
            string at = JsonLines.Join(path, Key(property.Name));
            foreach (ValidationAttribute rule in property.GetCustomAttributes<ValidationAttribute>())
            {
                if (rule.GetValidationResult(value, new ValidationContext(options) { MemberName = property.Name }) is { } failure)
                {
                    annotationsHold = false;
                    report(at, Text(rule, value, failure));
                }
            }

            Descend(value, at, report);
        }

        if (annotationsHold && options is IValidatableObject validatable)
        {
            foreach (ValidationResult failure in validatable.Validate(new ValidationContext(options)))
            {
                string member = failure.MemberNames.FirstOrDefault() is { } name ? JsonLines.Join(path, Key(name)) : path;
                report(member, failure.ErrorMessage ?? "is not valid");
            }
        }
    }

    private static void Descend(object? value, string path, Action<string, string> report)
    {
        switch (value)
        {
            case null or string:
                break;
            case IDictionary map:
                foreach (DictionaryEntry entry in map)
                {
                    Descend(entry.Value, JsonLines.Join(path, (string)entry.Key), report);
                }

                break;
            case IEnumerable list when value is not System.Text.Json.Nodes.JsonNode:
                int i = 0;
                foreach (object? element in list)
                {
                    Descend(element, $"{path}[{i++}]", report);
                }

                break;
            default:
                // Records of options only: what the base library brings has nothing to validate.
                if (value.GetType() is { IsClass: true } type && type.Namespace?.StartsWith("System", StringComparison.Ordinal) == false)
                {
                    Validate(value, path, report);
                }

                break;
        }
    }

    private static string Text(ValidationAttribute rule, object? value, ValidationResult failure) => rule switch
    {
        { ErrorMessage: not null } => failure.ErrorMessage!,
        RequiredAttribute => "is required and missing",
        RangeAttribute range => $"must be from {Show(range.Minimum)} to {Show(range.Maximum)}; it is {Show(value)}",
        MinLengthAttribute least => $"needs at least {least.Length}",
        MaxLengthAttribute most => $"takes at most {most.Length}",
        LengthAttribute bounds => $"needs {bounds.MinimumLength} to {bounds.MaximumLength}",
        StringLengthAttribute bounds => $"needs {bounds.MinimumLength} to {bounds.MaximumLength} characters",
        RegularExpressionAttribute pattern => $"must match {pattern.Pattern}; it is '{Spelling.Shorten(Show(value))}'",
        AllowedValuesAttribute allowed => $"must be one of: {string.Join(", ", allowed.Values)}; it is '{Spelling.Shorten(Show(value))}'",
        _ => failure.ErrorMessage ?? "is not valid",
    };

    private static string Show(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    private static string Key(string property) => JsonNamingPolicy.CamelCase.ConvertName(property);
}
