using System.Text.Json.Serialization;

namespace GlusterBus.Router.Decisions;

/// <summary>An instant by the clock of a node.</summary>
/// <param name="At">What that clock showed.</param>
/// <param name="Node">Whose clock; null when it is not known.</param>
public readonly record struct Moment(DateTimeOffset At, string? Node)
{
    [JsonIgnore]
    public bool IsSet => At != default;
}
