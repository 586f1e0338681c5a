using System.CommandLine;
using GlusterBus.Host.Api;
using GlusterBus.Host.Hosting;

namespace GlusterBus.Host.Verbs;

/// <summary><c>glusterbus watch</c>: transitions as they happen.</summary>
internal sealed class WatchVerb : IVerb
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public static Command Build()
    {
        var connection = new ConnectionOptions();
        var filter = new FilterOptions();
        var json = new Option<bool>("--json") { Description = "CloudEvents, one JSON object a line" };
        var command = new VerbCommand("watch", "Show transitions of a running instance as they happen",
            "glusterbus watch",
            "glusterbus watch --channel brick --severity error",
            "glusterbus watch --entity 'brick/gv0/*' --json | jq .subject");
        filter.AddTo(command);
        command.Options.Add(json);
        connection.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var query = new UrlQuery("v1/transitions");
            filter.AddTo(query, parsed);
            using InstanceClient client = connection.Client(parsed);
            await WatchAsync(client, query.ToString(), new TransitionOutput(parsed.GetValue(json), withDate: false), TimeProvider.System, cancellationToken);
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>Reads until cancelled. An instance that goes away is waited for, and nothing it recorded meanwhile is missed.</summary>
    internal static async Task WatchAsync(InstanceClient client, string path, TransitionOutput output, TimeProvider clock, CancellationToken cancellationToken)
    {
        var position = new StreamPosition();
        bool isLost = false;
        while (true)
        {
            try
            {
                await foreach (ServerSentEvent transition in client.EventsAsync(path, position, cancellationToken))
                {
                    isLost = false;
                    output.Write(transition.Data);
                }
            }
            catch (UserException e) when (position.LastId is not null && e.ExitCode is ExitCode.NoInstance)
            {
                // Was there before: it is being restarted.
            }
            catch (Exception e) when (e is (IOException or HttpRequestException) and not OutputAbandonedException && position.LastId is not null)
            {
                // The connection broke in the middle.
            }

            if (!isLost)
            {
                await Console.Error.WriteLineAsync("glusterbus: the instance went away, waiting for it");
                isLost = true;
            }

            await Task.Delay(Pause, clock, cancellationToken);
        }
    }
}
