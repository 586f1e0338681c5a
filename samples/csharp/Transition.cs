using System.Text.Json;
using System.Text.Json.Serialization;

namespace GlusterBus.Sample;

/// <summary>A transition as far as this sample cares; contracts/GlusterBus.Contracts/schema/transition.v1.json has all of it.</summary>
internal sealed record Transition(string Id, string Time, Change Data)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };

    /// <summary>Null when the message is no transition: nothing would be gained by having it again.</summary>
    public static Transition? Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize<Transition>(body, Json);
        }
        catch (JsonException e)
        {
            Console.Error.WriteLine($"dropped what is no transition: {e.Message}");
            return null;
        }
    }
}

internal sealed record Change(string Severity, [property: JsonPropertyName("change")] string Name);
