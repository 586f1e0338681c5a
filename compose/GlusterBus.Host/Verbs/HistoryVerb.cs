using System.CommandLine;
using GlusterBus.Host.Api;
using GlusterBus.Host.Hosting;

namespace GlusterBus.Host.Verbs;

/// <summary><c>glusterbus history</c>: what happened.</summary>
internal sealed class HistoryVerb : IVerb
{
    public static Command Build()
    {
        var connection = new ConnectionOptions();
        var filter = new FilterOptions();
        Option<DateTimeOffset?> since = TimeOption.Create("--since", "from then on; the last 24 hours by default", "--from");
        Option<DateTimeOffset?> until = TimeOption.Create("--until", "up to then", "--to");
        var limit = new Option<int?>("--limit", "-n") { Description = "only the newest so many, 1 to 100000; all by default", HelpName = "count" }.Within(1, 100_000);
        var json = new Option<bool>("--json") { Description = "CloudEvents, one JSON object a line" };
        var command = new VerbCommand("history", "Show past transitions, oldest first",
            "glusterbus history",
            "glusterbus history --from 'yesterday 03:00' --to 'yesterday 04:00'",
            "glusterbus history --since 7d --entity 'volume/*' --severity warning --json")
        { since, until };
        filter.AddTo(command);
        command.Options.Add(limit);
        command.Options.Add(json);
        connection.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using InstanceClient client = connection.Client(parsed);
            DateTimeOffset begin = parsed.GetValue(since) ?? TimeProvider.System.GetUtcNow().AddHours(-24);
            var output = new TransitionOutput(parsed.GetValue(json), withDate: true);
            var newest = new Queue<string>();
            await ReadingProgress.ShowAsync("reading the past", Console.IsOutputRedirected || parsed.GetValue(limit) is not null, async told =>
            {
                await foreach (string transition in PastTransitions.AllAsync(Query(), client, told, cancellationToken))
                {
                    if (parsed.GetValue(limit) is not { } most)
                    {
                        output.Write(transition);
                        continue;
                    }

                    newest.Enqueue(transition);
                    if (newest.Count > most)
                    {
                        newest.Dequeue();
                    }
                }
            });
            foreach (string transition in newest)
            {
                output.Write(transition);
            }

            return ExitCode.Success;

            UrlQuery Query()
            {
                var query = new UrlQuery("v1/transitions");
                query.Add("since", begin);
                query.Add("until", parsed.GetValue(until));
                filter.AddTo(query, parsed);
                return query;
            }
        });
        return command;
    }
}
