using System.Text.Json.Serialization;

namespace GlusterBus.Collectors.LogTail;

/// <summary>A log rule as its <c>rule.json</c> says it. What is not listed here is refused.</summary>
/// <remarks>Optional keys have setters, because the generated reader gives init-only ones no default.</remarks>
internal sealed record LogRuleFile
{
    /// <summary>The folder's name.</summary>
    public required string Name { get; init; }

    /// <summary>The kinds of log that can hold the line: <c>glusterd</c>, <c>brick</c>, <c>selfHeal</c>, <c>mount</c>, <c>other</c> or <c>any</c>.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>The line's message id; left out for lines without one, which give <see cref="Source"/>.</summary>
    public int? MessageId { get; set; }

    /// <summary>The source file of lines without a message id.</summary>
    public string? Source { get; set; }

    /// <summary>The functions that write the line, where others write the same words with another meaning. Any, when empty.</summary>
    public IReadOnlyList<string> Function { get; set; } = [];

    /// <summary>The wordings, tried in order; see <see cref="LogTemplate"/>.</summary>
    public required IReadOnlyList<string> Text { get; init; }

    /// <summary>Parts of a text that make the rule pass over the line.</summary>
    public IReadOnlyList<string> Except { get; set; } = [];

    /// <summary>What the line tells about; see <see cref="LogValue"/>.</summary>
    public string? Entity { get; set; }

    public string? State { get; set; }

    public string? Occurrence { get; set; }

    /// <summary>The severity of an occurrence. The default is <c>info</c>.</summary>
    public string? Severity { get; set; }

    /// <summary>The name of an attribute-only change.</summary>
    public string? Change { get; set; }

    /// <summary><c>hint</c> for a sign that is never announced; the default is a fact.</summary>
    public string? Weight { get; set; }

    /// <summary>True for a line that is known and tells nothing.</summary>
    public bool Noise { get; set; }

    /// <summary>Asks for a fresh look at the cluster after this time.</summary>
    public TimeSpan? Reconcile { get; set; }

    /// <summary>States that the claim can't end.</summary>
    public IReadOnlyList<string> Unless { get; set; } = [];

    /// <summary>Attributes by name; one that can't be written for a line is left out.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; set; } = new Dictionary<string, string>();

    /// <summary>Tables from a part of a capture to a word, used as <c>{capture:table}</c>; the first part that is found decides.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Maps { get; set; } = new Dictionary<string, IReadOnlyDictionary<string, string>>();

    /// <summary>Where the example lines come from: <c>recorded</c> on a real node (the first at least; variants may follow), or written after Gluster's <c>source text</c>.</summary>
    public required string Origin { get; init; }

    /// <summary>What each line of <c>match.log</c> must yield, in order. Empty for noise.</summary>
    public IReadOnlyList<LogRuleExample> Examples { get; set; } = [];
}

/// <summary>What one line of <c>match.log</c> must yield.</summary>
internal sealed record LogRuleExample
{
    /// <summary>Counts from 1.</summary>
    public required int Line { get; init; }

    /// <summary>Null where the line yields nothing but the wish to look again.</summary>
    public string? Entity { get; set; }

    public string? State { get; set; }

    public string? Occurrence { get; set; }

    public IReadOnlyDictionary<string, string> Attributes { get; set; } = new Dictionary<string, string>();

    /// <summary>How often, for a summary of repeats.</summary>
    public int Count { get; set; } = 1;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(LogRuleFile))]
internal sealed partial class LogRuleJson : JsonSerializerContext;
