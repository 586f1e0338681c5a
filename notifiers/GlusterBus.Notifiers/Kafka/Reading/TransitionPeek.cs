using System.Globalization;
using System.Text.Json;
using GlusterBus.Contracts.Entities;

namespace GlusterBus.Notifiers.Kafka.Reading;

/// <summary>What a search needs of a transition, read from its JSON without building it: a search looks at hundreds of times more than it finds.</summary>
/// <param name="Sequence">Its number.</param>
/// <param name="Time">When it happened.</param>
/// <param name="Severity">How grave it is.</param>
/// <param name="Previous">The state before; null when there was none.</param>
internal readonly record struct TransitionPeek(long Sequence, DateTimeOffset Time, Severity Severity, string? Previous)
{
    /// <summary>Null when it is no transition.</summary>
    public static TransitionPeek? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            long sequence = 0;
            DateTimeOffset time = default;
            Severity? severity = null;
            string? previous = null;
            reader.Read();
            while (severity is null && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("time"u8) && reader.Read())
                {
                    time = reader.GetDateTimeOffset();
                }
                else if (reader.ValueTextEquals("sequence"u8) && reader.Read())
                {
                    sequence = long.Parse(reader.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
                }
                else if (reader.ValueTextEquals("data"u8) && reader.Read())
                {
                    (severity, previous) = Data(ref reader);
                }
                else
                {
                    reader.Skip();
                }
            }

            return severity is { } grave && sequence > 0 ? new TransitionPeek(sequence, time, grave, previous) : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or OverflowException)
        {
            return null;
        }
    }

    private static (Severity? Severity, string? Previous) Data(ref Utf8JsonReader reader)
    {
        string? previous = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("severity"u8) && reader.Read())
            {
                return (Severities.TryParse(reader.GetString()!, out Severity severity) ? severity : null, previous);
            }

            if (reader.ValueTextEquals("previous"u8) && reader.Read())
            {
                previous = reader.GetString();
            }
            else
            {
                reader.Skip();
            }
        }

        return (null, previous);
    }
}
