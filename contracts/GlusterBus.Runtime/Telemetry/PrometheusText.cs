using System.Globalization;
using System.Text;

namespace GlusterBus.Runtime.Telemetry;

/// <summary>Writes the Prometheus text format, version 0.0.4.</summary>
public sealed class PrometheusText
{
    private readonly StringBuilder _text = new();

    /// <summary>The HELP and TYPE lines of a family.</summary>
    public void Header(string name, string help, string type)
    {
        if (help.Length > 0)
        {
            _text.Append("# HELP ").Append(name).Append(' ').Append(help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('\n');
        }

        _text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
    }

    /// <summary>One sample; <paramref name="labels"/> comes from <see cref="Labels"/>.</summary>
    public void Sample(string name, string labels, double value)
    {
        _text.Append(name);
        if (labels.Length > 0)
        {
            _text.Append('{').Append(labels).Append('}');
        }

        _text.Append(' ').Append(Number(value)).Append('\n');
    }

    /// <summary>A family of one unlabelled sample.</summary>
    public void Single(string name, string help, string type, double value)
    {
        Header(name, help, type);
        Sample(name, "", value);
    }

    public override string ToString() => _text.ToString();

    internal void Bucket(string name, string labels, double bound, long count) =>
        Sample(name + "_bucket", $"{labels}{(labels.Length > 0 ? "," : "")}le=\"{Number(bound)}\"", count);

    /// <summary>A name with what Prometheus does not take replaced by underscores.</summary>
    internal static string Name(string name) =>
        string.Create(name.Length, name, (span, source) =>
        {
            for (int i = 0; i < span.Length; i++)
            {
                span[i] = char.IsAsciiLetter(source[i]) || source[i] is '_' or ':' || (i > 0 && char.IsAsciiDigit(source[i])) ? source[i] : '_';
            }
        });

    /// <summary>Labels in the order of their names, escaped, without braces.</summary>
    internal static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
        {
            return "";
        }

        KeyValuePair<string, object?>[] sorted = tags.ToArray();
        Array.Sort(sorted, (a, b) => string.CompareOrdinal(a.Key, b.Key));
        var text = new StringBuilder();
        foreach ((string key, object? value) in sorted)
        {
            string shown = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            text.Append(text.Length > 0 ? "," : "").Append(Name(key)).Append("=\"")
                .Append(shown.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal))
                .Append('"');
        }

        return text.ToString();
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };
}
