using System.CommandLine;
using GlusterBus.Host.Hosting;
using GlusterBus.Notifiers.Broker;

namespace GlusterBus.Host.Verbs.Dlq;

/// <summary><c>glusterbus dlq show</c>: what rests in an error queue. Takes nothing away.</summary>
internal static class DlqShow
{
    public static Command Build()
    {
        var options = new DlqOptions();
        var limit = new Option<int?>("--limit", "-n") { Description = "only the oldest so many, 1 to 1000000; all by default", HelpName = "count" }.Within(1, 1_000_000);
        var json = new Option<bool>("--json") { Description = "one JSON object a line" };
        var command = new VerbCommand("show", "Show what rests in an error queue, oldest first: reason, time, how often it was handed out, and the body",
            "glusterbus dlq show ops",
            "glusterbus dlq show ops --id 'prod/brick/rv/gl2:/srv/rv1@7'",
            "glusterbus dlq show ops --json | jq -r .reason | sort | uniq -c")
        { options.Name, options.Id, limit, json, options.Config };
        command.SetAction((parsed, cancellationToken) => DlqBroker.UseAsync(
            parsed.GetValue(options.Config),
            async broker =>
            {
                ErrorQueueName name = await broker.FindAsync(parsed.GetValue(options.Name)!, cancellationToken);
                string? id = parsed.GetValue(options.Id);
                bool isJson = parsed.GetValue(json);
                long shown = await broker.DoAsync(name, queue => ShowAsync(queue, id, parsed.GetValue(limit) ?? long.MaxValue, isJson, cancellationToken));
                return shown > 0 ? ExitCode.Success
                    : id is not null ? throw DlqEnd.NoSuchId(name, id)
                    : DlqEnd.Empty(name);
            },
            cancellationToken));
        return command;
    }

    private static async Task<long> ShowAsync(ErrorQueue queue, string? id, long most, bool isJson, CancellationToken cancellationToken)
    {
        long shown = 0;
        await foreach (ParkedMessage message in queue.ReadAsync(id is null ? most : long.MaxValue, cancellationToken))
        {
            if ((id is null || message.Id == id) && shown < most)
            {
                StandardOutput.WriteLine(isJson ? DlqText.Json(message) : DlqText.Of(message));
                shown++;
            }
        }

        return shown;
    }
}
