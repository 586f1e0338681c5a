using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Host.Api;

/// <summary>The body of <c>POST /v1/observations</c>: an observation, or a datagram, or a log line.</summary>
public sealed record EmitRequest
{
    /// <summary>The entity of an observation, such as <c>volume/gv0</c>.</summary>
    public string? Entity { get; init; }

    /// <summary>The state it is in; a state of its kind.</summary>
    public string? State { get; init; }

    /// <summary>Something that happened and is over.</summary>
    public string? Occurrence { get; init; }

    /// <summary>How grave an occurrence is. The default is info.</summary>
    public Severity? Severity { get; init; }

    /// <summary>Attributes now set; null unsets one.</summary>
    public IReadOnlyDictionary<string, string?>? Attributes { get; init; }

    /// <summary>A verbatim gf_event datagram: <c>&lt;seconds&gt; &lt;number&gt; &lt;k=v;…&gt;</c>.</summary>
    public string? Datagram { get; init; }

    /// <summary>A verbatim line of a Gluster log.</summary>
    public string? LogLine { get; init; }

    /// <summary>Whose log the line is of: <c>glusterd</c> (the default), <c>brick</c>, <c>shd</c> or <c>mount</c>.</summary>
    public string? Log { get; init; }

    /// <summary>The path of the brick whose log the line is of.</summary>
    public string? BrickPath { get; init; }
}

/// <summary>What became of one injected observation.</summary>
/// <param name="Outcome"><c>published</c>, or why not.</param>
public sealed record EmitResult(Observation Observation, string Outcome, Transition? Transition);
