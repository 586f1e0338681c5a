namespace GlusterBus.Host.Demo;

/// <summary>A transition that the story must cause, exactly once.</summary>
/// <param name="Entity">The entity id.</param>
/// <param name="Change">Its new state or named change.</param>
internal readonly record struct Expectation(string Entity, string Change)
{
    public override string ToString() => $"{Entity} {Change}";
}

/// <summary>A part of the story.</summary>
/// <param name="Title">A few words.</param>
/// <param name="Tells">What to look at, one line.</param>
/// <param name="Begins">Counted from the story's beginning at speed 1.</param>
/// <param name="Expects">What it must cause. All else that its noise causes is a fault.</param>
internal sealed record Chapter(string Title, string Tells, TimeSpan Begins, IReadOnlyList<Expectation> Expects);
