using System.CommandLine;
using System.Text.Json;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Host.Api;
using GlusterBus.Host.Hosting;

namespace GlusterBus.Host.Verbs;

/// <summary><c>glusterbus state</c>: how everything is, or was.</summary>
internal sealed class StateVerb : IVerb
{
    public static Command Build()
    {
        var connection = new ConnectionOptions();
        var filter = new FilterOptions();
        Option<DateTimeOffset?> at = TimeOption.Create("--at", "as it was then; now by default");
        var table = new Option<bool>("--table") { Description = "a table in place of the tree" };
        var json = new Option<bool>("--json") { Description = "one JSON object a line" };
        var command = new VerbCommand("state", "Show the state table of a running instance",
            "glusterbus state",
            "glusterbus state --entity 'brick/gv0/*' --table",
            "glusterbus state --at 'yesterday 03:00' --severity warning",
            "glusterbus state --json | jq -r 'select(.severity==\"error\").entity'")
        { at, table, json };
        filter.AddTo(command);
        connection.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var query = new UrlQuery("v1/state");
            filter.AddTo(query, parsed);
            query.Add("at", parsed.GetValue(at));
            using InstanceClient client = connection.Client(parsed);
            List<EntityState> rows = [];
            await foreach (string line in client.LinesAsync(query.ToString(), null, cancellationToken))
            {
                if (parsed.GetValue(json))
                {
                    StandardOutput.WriteLine(line);
                }
                else
                {
                    rows.Add(Row(line));
                }
            }

            if (!parsed.GetValue(json))
            {
                StateView.Write(rows, parsed.GetValue(table), Terminal.Output);
            }

            return ExitCode.Success;
        });
        return command;
    }

    internal static EntityState Row(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement row = document.RootElement;
        return new EntityState(
            EntityId.Parse(row.GetProperty("entity").GetString()!),
            row.GetProperty("state").GetString(),
            Severities.Parse(row.GetProperty("severity").GetString()!),
            row.GetProperty("sequence").GetInt64(),
            row.GetProperty("since") is { ValueKind: JsonValueKind.String } since ? since.GetDateTimeOffset() : null,
            row.GetProperty("attributes").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!, StringComparer.Ordinal));
    }
}
