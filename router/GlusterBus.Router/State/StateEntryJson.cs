using System.Text.Json;
using System.Text.Json.Serialization;
using GlusterBus.Router.Decisions;

namespace GlusterBus.Router.State;

/// <summary>The stored form of a state entry. Private to the router: nobody else reads it.</summary>
internal static class StateEntryJson
{
    public static byte[] Write(StateEntry entry) => JsonSerializer.SerializeToUtf8Bytes(entry, StateEntryJsonContext.Default.StateEntry);

    /// <exception cref="JsonException">The bytes are no state entry.</exception>
    public static StateEntry Read(ReadOnlySpan<byte> utf8)
    {
        StateEntry entry = JsonSerializer.Deserialize(utf8, StateEntryJsonContext.Default.StateEntry) ?? throw new JsonException("a state entry is missing");

        // The serializer knows nothing of comparers; the order of attributes must not depend on a culture.
        return entry with
        {
            AttributesAt = entry.AttributesAt?.WithComparers(StringComparer.Ordinal) ?? StateEntry.NoMoments,
            Attributes = entry.Attributes.WithComparers(StringComparer.Ordinal),
            Witnesses = entry.Witnesses.WithComparers(StringComparer.Ordinal),
            Unreported = entry.Unreported.WithComparer(StringComparer.Ordinal),
        };
    }
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(StateEntry))]
internal sealed partial class StateEntryJsonContext : JsonSerializerContext;
