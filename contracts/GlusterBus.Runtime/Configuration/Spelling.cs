using System.Text.Encodings.Web;
using System.Text.Json;

namespace GlusterBus.Runtime.Configuration;

/// <summary>The words of configuration errors: what was meant, and what would be right.</summary>
public static class Spelling
{
    /// <summary>JSON for people: only what must be escaped is.</summary>
    public static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string UnknownKey(string key, IReadOnlyCollection<string> known) =>
        $"unknown key; {Meant(key, known)}known keys: {string.Join(", ", known.Order(StringComparer.Ordinal))}";

    /// <summary>"did you mean 'x'? " for the nearest name, or nothing when none is near.</summary>
    public static string Meant(string written, IEnumerable<string> known)
    {
        string? nearest = known.MinBy(k => Distance(written, k));
        return nearest is not null && Distance(written, nearest) <= Math.Max(1, written.Length / 3) ? $"did you mean '{nearest}'? " : "";
    }

    public static string Expected(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type switch
        {
            _ when type == typeof(bool) => "expected true or false",
            _ when type == typeof(string) => "expected a text in quotes",
            _ when type == typeof(TimeSpan) => "expected a duration \"hh:mm:ss\" such as \"00:00:30\", or \"d.hh:mm:ss\"",
            _ when type == typeof(Uri) => "expected a URL in quotes",
            _ when type == typeof(int) || type == typeof(long) || type == typeof(ushort) => "expected a whole number",
            _ when type == typeof(double) || type == typeof(decimal) => "expected a number",
            _ when type.IsEnum => "expected one of: " + string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName)),
            _ when type != typeof(string) && typeof(System.Collections.IEnumerable).IsAssignableFrom(type) && !IsMap(type) => "expected a list [ … ]",
            _ => "expected an object { … }",
        };
    }

    public static string Shorten(string text) => text.Length <= 60 ? text : text[..59] + "…";

    internal static bool IsMap(Type type) =>
        type == typeof(System.Text.Json.Nodes.JsonObject)
        || type.GetInterfaces().Append(type).Any(i => i.IsGenericType && i.GetGenericTypeDefinition().Name.Contains("Dictionary", StringComparison.Ordinal));

    /// <summary>Levenshtein's distance, without regard to case.</summary>
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int above = row[j];
                int change = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + change);
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
