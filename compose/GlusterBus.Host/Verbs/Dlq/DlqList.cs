using System.CommandLine;
using System.Text.Json.Nodes;
using GlusterBus.Contracts.Messages;
using GlusterBus.Host.Hosting;
using GlusterBus.Notifiers.Broker;
using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Configuration;
using Spectre.Console;

namespace GlusterBus.Host.Verbs.Dlq;

/// <summary><c>glusterbus dlq list</c>: every error queue with what rests in it.</summary>
internal static class DlqList
{
    public static Command Build()
    {
        var options = new DlqOptions();
        var json = new Option<bool>("--json") { Description = "one JSON object a line" };
        var command = new VerbCommand("list", "Show every error queue: how much rests in it, since when, and the last reason",
            "glusterbus dlq list",
            "glusterbus dlq list --json | jq -r 'select(.count > 0).name'")
        { json, options.Config };
        command.SetAction((parsed, cancellationToken) => DlqBroker.UseAsync(
            parsed.GetValue(options.Config),
            async broker =>
            {
                List<Row> rows = [];
                foreach (ErrorQueueName name in broker.Names)
                {
                    rows.Add(await RowAsync(broker, name, cancellationToken));
                }

                Write(rows, parsed.GetValue(json));
                return ExitCode.Success;
            },
            cancellationToken));
        return command;
    }

    private static async Task<Row> RowAsync(DlqBroker broker, ErrorQueueName name, CancellationToken cancellationToken)
    {
        ErrorQueue queue = broker.Open(name);
        if (await queue.CountAsync(cancellationToken) is not ({ } count and > 0))
        {
            return new Row(name, 0);
        }

        try
        {
            ParkedMessage? oldest = null;
            ParkedMessage? newest = null;
            await foreach (ParkedMessage message in queue.ReadAsync(long.MaxValue, cancellationToken))
            {
                oldest ??= message;
                newest = message;
            }

            return new Row(name, count) { Oldest = oldest?.ParkedAt, LastReason = newest?.Reason };
        }
        catch (Exception e) when (BrokerFault.IsRefusal(e))
        {
            // An account for notifiers alone may count what routers parked, and no more.
            return new Row(name, count) { Problem = broker.Refusal(e, name).ToString() };
        }
    }

    private static void Write(List<Row> rows, bool asJson)
    {
        if (asJson)
        {
            foreach (Row row in rows)
            {
                StandardOutput.WriteLine(new JsonObject
                {
                    ["name"] = row.Name.Name,
                    ["queue"] = row.Name.ErrorQueue,
                    ["count"] = row.Count,
                    ["oldest"] = row.Oldest is { } at ? TransitionJson.Time(at) : null,
                    ["lastReason"] = row.LastReason,
                    ["problem"] = row.Problem,
                }.ToJsonString(Spelling.Readable));
            }

            return;
        }

        var table = new Table { Border = TableBorder.None };
        table.AddColumns("name", "count", "parked since", "last reason");
        foreach (Row row in rows)
        {
            string reason = row.Problem ?? row.LastReason ?? "";
            table.AddRow(
                new Text(row.Name.Name),
                new Text(row.Count.ToString(System.Globalization.CultureInfo.InvariantCulture), new Style(row.Count == 0 ? Color.Green : Color.Yellow)),
                new Text(row.Oldest is { } at ? DlqText.Time(at) : ""),
                new Text(DlqText.Visible(reason)));
        }

        Terminal.Output.Write(table);
    }

    private sealed record Row(ErrorQueueName Name, long Count)
    {
        public DateTimeOffset? Oldest { get; init; }

        public string? LastReason { get; init; }

        public string? Problem { get; init; }
    }
}
