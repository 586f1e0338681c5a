using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Collectors.LogTail;

/// <summary>One log rule, compiled: which lines it knows and what they tell.</summary>
internal sealed class LogRule
{
    /// <summary>The most captures of one rule.</summary>
    public const int MaximumCaptures = 8;

    /// <summary>The most bytes of a capture that are used: Gluster's own bound on a path is 4096, the rest is room for a host.</summary>
    public const int MaximumValueBytes = 4352;

    private readonly uint _kinds;
    private readonly byte[][] _functions;
    private readonly byte[][] _except;
    private readonly LogTemplate[] _templates;
    private readonly LogValue? _entity;
    private readonly (string Name, LogValue Value)[] _attributes;
    private readonly Severity _severity;
    private readonly Weight _weight;

    private LogRule(LogRuleFile file)
    {
        File = file;
        var captures = new List<string>();
        _templates = [.. Each("text", file.Text, text => LogTemplate.Parse(text, captures))];
        _kinds = Each("files", file.Files, Kinds).Aggregate(0u, (all, one) => all | one);
        _functions = [.. file.Function.Select(Encoding.UTF8.GetBytes)];
        _except = [.. file.Except.Select(Encoding.UTF8.GetBytes)];
        _entity = file.Entity is null ? null : At("entity", () => LogValue.Parse(file.Entity, captures, file.Maps));
        _attributes = [.. file.Attributes.Select(a => (a.Key, At($"attributes.{a.Key}", () => LogValue.Parse(a.Value, captures, file.Maps))))];
        _severity = file.Severity is null ? Severity.Info : At("severity", () => Severities.Parse(file.Severity));
        _weight = file.Weight == "hint" ? Weight.Hint : Weight.Fact;
        Check(file);
    }

    public LogRuleFile File { get; }

    /// <summary>Reads and checks a rule.</summary>
    /// <param name="folder">The rule's folder, for errors.</param>
    /// <param name="json">Its <c>rule.json</c>.</param>
    /// <exception cref="FormatException">The rule can't be used; the message names the folder, the key and what would be right.</exception>
    public static LogRule Parse(string folder, ReadOnlySpan<byte> json)
    {
        try
        {
            LogRuleFile file = JsonSerializer.Deserialize(json, LogRuleJson.Default.LogRuleFile) ?? throw new FormatException("the file is empty");
            return file.Name == folder ? new LogRule(file) : throw new FormatException($"name: '{file.Name}' is not the folder's name");
        }
        catch (Exception e) when (e is JsonException or FormatException or NotSupportedException)
        {
            throw new FormatException($"log rule {folder}/rule.json: {e.Message}", e);
        }
    }

    /// <summary>True when the rule knows the line; <paramref name="captures"/> then holds what its wording captured.</summary>
    public bool Knows(in LogLine line, LogKind kind, Span<Range> captures)
    {
        if ((_kinds & (1u << (int)kind)) == 0 || (_functions.Length > 0 && !ContainsEqual(_functions, line.Function)))
        {
            return false;
        }

        foreach (LogTemplate template in _templates)
        {
            captures.Clear();
            if (template.TryMatch(line.Text, captures))
            {
                return !ContainsPart(_except, line.Text);
            }
        }

        return false;
    }

    /// <summary>What a known line tells; null when the rule is noise or the line's words make no entity.</summary>
    public Observation? Observe(in LogLine line, ReadOnlySpan<byte> raw, ReadOnlySpan<Range> captures, in LogLineContext context)
    {
        if (_entity?.Write(line, captures, context) is not { } name || !EntityId.TryParse(name, out EntityId entity))
        {
            return null;
        }

        DateTimeOffset at = line.Time ?? context.Clock.GetUtcNow();
        return new Observation
        {
            Entity = entity,
            State = File.State,
            Occurrence = File.Occurrence,
            OccurrenceSeverity = _severity,
            Attributes = Attributes(line, captures, context),
            Change = File.Change,
            Unless = File.Unless,
            Weight = _weight,
            Source = "logs",
            Node = context.Node.Name,
            ObservedAt = at,
            Sequence = context.Offset,
            Count = line.Count,
            Evidence = new Evidence("log-line", Decode(raw), $"{context.File}:{context.Offset}", context.Node.Name, at),
        };
    }

    private IReadOnlyDictionary<string, string?> Attributes(in LogLine line, ReadOnlySpan<Range> captures, in LogLineContext context)
    {
        Dictionary<string, string?>? attributes = null;
        foreach ((string name, LogValue value) in _attributes)
        {
            if (value.Write(line, captures, context) is { } text)
            {
                (attributes ??= new Dictionary<string, string?>(_attributes.Length, StringComparer.Ordinal))[name] = Evidence.Bound(text);
            }
        }

        return attributes ?? Observation.NoAttributes;
    }

    // A character of evidence takes at most three bytes here, so what is cut away before decoding would be cut after it too.
    private static string Decode(ReadOnlySpan<byte> raw) => Evidence.Bound(Encoding.UTF8.GetString(raw[..Math.Min(raw.Length, (Evidence.MaximumLength + 2) * 3)]));

    private static bool ContainsEqual(byte[][] all, ReadOnlySpan<byte> one)
    {
        foreach (byte[] item in all)
        {
            if (one.SequenceEqual(item))
            {
                return true;
            }
        }

        return false;
    }

    private static bool ContainsPart(byte[][] parts, ReadOnlySpan<byte> text)
    {
        foreach (byte[] part in parts)
        {
            if (text.IndexOf(part) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    private static readonly FrozenDictionary<string, uint> KindBits = new Dictionary<string, uint>
    {
        ["glusterd"] = 1u << (int)LogKind.Glusterd,
        ["brick"] = 1u << (int)LogKind.Brick,
        ["selfHeal"] = 1u << (int)LogKind.SelfHeal,
        ["mount"] = 1u << (int)LogKind.Mount,
        ["other"] = 1u << (int)LogKind.Other,
        ["any"] = uint.MaxValue,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static uint Kinds(string name) => KindBits.TryGetValue(name, out uint bits)
        ? bits
        : throw new FormatException($"'{name}' is no kind of log; there are {string.Join(", ", KindBits.Keys.Order())}");

    private void Check(LogRuleFile file)
    {
        Require(file.Files.Count > 0, "files", "at least one kind of log is needed");
        Require(file.Text.Count > 0, "text", "at least one wording is needed");
        Require(file.MessageId is null != file.Source is null, "messageId", "exactly one of messageId and source is needed");
        Require(file.MessageId is null or (>= 100_000 and <= 999_999), "messageId", "a message id has six digits");
        Require(file.Weight is null or "hint", "weight", "only 'hint' is possible; leave it out for a fact");
        Require(file.Origin is "recorded" or "source text", "origin", "'recorded' or 'source text'");
        Require(file.Reconcile is null || (file.Reconcile >= TimeSpan.Zero && file.Reconcile <= TimeSpan.FromMinutes(1)), "reconcile", "between 00:00:00 and 00:01:00");
        if (file.Noise)
        {
            Require((file.Entity ?? file.State ?? file.Occurrence ?? file.Change) is null && file.Attributes.Count == 0, "noise", "noise tells nothing: no entity, state, occurrence, change or attributes");
            return;
        }

        Require(_entity is not null, "entity", "what the line tells about is needed, or noise");
        Require(file.State is null || file.Occurrence is null, "occurrence", "a line tells a state or an occurrence, not both");
        Require((file.State ?? file.Occurrence) is not null || file.Attributes.Count > 0, "state", "a state, an occurrence or attributes are needed");
        Require(file.Severity is null || file.Occurrence is not null, "severity", "only an occurrence has a severity of its own");
        Require(file.Change is null || (file.State ?? file.Occurrence) is null, "change", "only an attribute-only change has a name");

        // Where a resolver writes the whole id it is a brick's.
        EntityKind? kind = EntityKinds.Named(_entity!.Kind.Length == 0 ? "brick" : _entity.Kind);
        Require(kind is not null, "entity", $"'{_entity.Kind}' is no kind of entity");
        Require(file.State is null || kind!.States.ContainsKey(file.State), "state", $"'{file.State}' is no state of a {kind!.Name}; there are {string.Join(", ", kind.States.Keys.Order())}");
        Require(file.Unless.All(kind!.States.ContainsKey), "unless", $"only states of a {kind.Name}: {string.Join(", ", kind.States.Keys.Order())}");
    }

    private static void Require(bool holds, string key, string problem)
    {
        if (!holds)
        {
            throw new FormatException($"{key}: {problem}");
        }
    }

    private static T At<T>(string key, Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (FormatException e)
        {
            throw new FormatException($"{key}: {e.Message}", e);
        }
    }

    private static IEnumerable<TOut> Each<TIn, TOut>(string key, IEnumerable<TIn> all, Func<TIn, TOut> parse) => all.Select(one => At(key, () => parse(one)));
}
