using System.CommandLine;
using System.CommandLine.Parsing;
using GlusterBus.Contracts.Entities;

namespace GlusterBus.Host.Verbs;

/// <summary>The options that choose entities and transitions.</summary>
internal sealed class FilterOptions
{
    private readonly Option<string[]> _channel = new("--channel", "-c") { Description = "only this entity kind, such as brick; may be repeated", HelpName = "kind" };
    private readonly Option<string[]> _entity = new("--entity", "-e") { Description = "only entities like this, * stands for anything: 'brick/gv0/*'; may be repeated", HelpName = "pattern" };
    private readonly Option<string?> _severity = new("--severity", "-s") { Description = "only what is at least that grave: ok, info, unknown, warning, error, critical", HelpName = "severity" };
    private readonly Option<string?> _cluster = new("--cluster") { Description = "of this cluster; by default the configuration's", HelpName = "name" };

    public FilterOptions()
    {
        _channel.AcceptOnlyFromAmong([.. EntityKinds.All.Select(k => k.Name).Order(StringComparer.Ordinal).Prepend("all")]);
        _severity.AcceptOnlyFromAmong("ok", "info", "unknown", "warning", "error", "critical");
        _entity.Validators.Add(Check);
    }

    public void AddTo(Command command)
    {
        command.Options.Add(_channel);
        command.Options.Add(_entity);
        command.Options.Add(_severity);
        command.Options.Add(_cluster);
    }

    public void AddTo(UrlQuery query, ParseResult parsed)
    {
        foreach (string channel in parsed.GetValue(_channel) ?? [])
        {
            query.Add("channel", channel);
        }

        foreach (string entity in parsed.GetValue(_entity) ?? [])
        {
            query.Add("entity", entity);
        }

        query.Add("severity", parsed.GetValue(_severity));
        query.Add("cluster", parsed.GetValue(_cluster));
    }

    /// <summary>The cluster that is named; null when none is.</summary>
    public string? Cluster(ParseResult parsed) => parsed.GetValue(_cluster);

    private static void Check(OptionResult result)
    {
        foreach (Token token in result.Tokens)
        {
            if (!token.Value.Contains('/') && !token.Value.Contains('*'))
            {
                result.AddError($"--entity: '{token.Value}' is no entity id; it needs a kind and a name, such as volume/{token.Value}");
            }
        }
    }
}
