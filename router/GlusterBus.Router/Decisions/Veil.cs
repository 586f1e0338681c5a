namespace GlusterBus.Router.Decisions;

/// <summary>What was known of an entity before everybody who looks at it fell silent.</summary>
/// <param name="State">The state behind the veil: the next claim is judged against it.</param>
/// <param name="Since">When that state began.</param>
public sealed record Veil(string State, DateTimeOffset Since);
