using System.Collections.Frozen;
using System.Reflection;
using System.Text;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Collectors.LogTail;

/// <summary>All log rules, compiled. Immutable, so any number of threads may use it.</summary>
public sealed class LogRuleSet
{
    private const string ResourceStart = "GlusterBus.Collectors.LogTail.Rules.";
    private const string ResourceEnd = ".rule.json";

    private readonly LogGate _gate;
    private readonly FrozenDictionary<int, LogRule[]> _byMessageId;
    private readonly (byte[] Source, LogRule[] Rules)[] _bySource;

    internal LogRuleSet(IReadOnlyList<LogRule> rules)
    {
        Rules = rules;
        _byMessageId = rules.Where(r => r.File.MessageId is not null).GroupBy(r => r.File.MessageId!.Value).ToFrozenDictionary(g => g.Key, g => g.ToArray());
        _bySource = [.. rules.Where(r => r.File.Source is not null).GroupBy(r => r.File.Source!).Select(g => (Encoding.UTF8.GetBytes(g.Key), g.ToArray()))];
        _gate = new LogGate(_byMessageId.Keys, rules.Select(r => r.File.Source).OfType<string>());
    }

    /// <summary>The rules that ship with the program, compiled once.</summary>
    /// <exception cref="FormatException">A rule can't be used; the message names its folder and key.</exception>
    public static LogRuleSet Embedded { get; } = Load();

    internal IReadOnlyList<LogRule> Rules { get; }

    /// <summary>True when some rule may want the line (without its line feed). Looks at fixed places only and allocates nothing.</summary>
    public bool IsWanted(ReadOnlySpan<byte> line) => _gate.IsWanted(line);

    /// <summary>Reads a wanted line, appends what it tells, and asks the node for a fresh look where a rule wants one. Never throws for what a line holds.</summary>
    /// <returns>How many rules recognised the line, the quiet ones too.</returns>
    public int Read(ReadOnlySpan<byte> line, in LogLineContext context, List<Observation> output)
    {
        if (!LogLine.TryRead(line, out LogLine parts))
        {
            return 0;
        }

        int recognised = 0;
        Span<Range> captures = stackalloc Range[LogRule.MaximumCaptures];
        foreach (LogRule rule in RulesFor(parts))
        {
            if (!rule.Knows(parts, context.Kind, captures))
            {
                continue;
            }

            recognised++;
            if (rule.Observe(parts, line, captures, context) is { } observation)
            {
                output.Add(observation);
            }

            if (rule.File.Reconcile is { } delay)
            {
                context.Node.RequestReconcile(delay);
            }
        }

        return recognised;
    }

    private ReadOnlySpan<LogRule> RulesFor(in LogLine line)
    {
        if (line.MessageId != 0)
        {
            return _byMessageId.TryGetValue(line.MessageId, out LogRule[]? rules) ? rules : [];
        }

        foreach ((byte[] source, LogRule[] rules) in _bySource)
        {
            if (line.Source.SequenceEqual(source))
            {
                return rules;
            }
        }

        return [];
    }

    private static LogRuleSet Load()
    {
        Assembly assembly = typeof(LogRuleSet).Assembly;
        var rules = new List<LogRule>();
        foreach (string resource in assembly.GetManifestResourceNames().Order(StringComparer.Ordinal))
        {
            if (resource.StartsWith(ResourceStart, StringComparison.Ordinal) && resource.EndsWith(ResourceEnd, StringComparison.Ordinal))
            {
                using Stream stream = assembly.GetManifestResourceStream(resource)!;
                byte[] json = new byte[stream.Length];
                stream.ReadExactly(json);
                rules.Add(LogRule.Parse(resource[ResourceStart.Length..^ResourceEnd.Length], json));
            }
        }

        return new LogRuleSet(rules);
    }
}
