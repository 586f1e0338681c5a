using GlusterBus.Contracts.Messages;

namespace GlusterBus.Host.Demo.View;

/// <summary>Shows the story to whoever watches: a terminal, a pipe, or a program.</summary>
internal interface IDemoView : IAsyncDisposable
{
    void Begin(int number, Chapter chapter);

    /// <summary>The dashboard is served there.</summary>
    void Serves(string dashboard);

    /// <summary>An observation arrived at the router. Called from the router's loop: returns at once.</summary>
    /// <param name="outcome"><c>published</c>, or why not.</param>
    void Observed(Observation observation, string outcome);

    /// <summary>A transition was delivered.</summary>
    void Announced(Transition transition, ReadOnlyMemory<byte> json);

    /// <summary>Takes the display down and shows what came of it all.</summary>
    void Conclude(Verdict? verdict, Tally tally);
}
