using System.Diagnostics;

namespace GlusterBus.Contracts.Messages;

/// <summary>W3C trace contexts as they stand in messages and headers, such as <c>00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01</c>.</summary>
public static class TraceParents
{
    /// <summary>The text where it is a trace context; null where it is anything else.</summary>
    /// <remarks>It goes on into headers of other protocols: nothing but what the standard allows may pass.</remarks>
    public static string? Checked(string? text) => ActivityContext.TryParse(text, traceState: null, out _) ? text : null;

    /// <summary>True when both are spans of one trace.</summary>
    /// <param name="one">A checked trace context.</param>
    /// <param name="other">A checked trace context.</param>
    public static bool AreOfOneTrace(string one, string other) => one.AsSpan(3, 32).SequenceEqual(other.AsSpan(3, 32));
}
