using System.CommandLine;
using System.Text;
using System.Text.Json;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Host.Api;
using GlusterBus.Host.Hosting;
using GlusterBus.Runtime.Text;

namespace GlusterBus.Host.Verbs;

/// <summary><c>glusterbus emit</c>: inject something and see what becomes of it.</summary>
internal sealed class EmitVerb : IVerb
{
    public static Command Build()
    {
        var connection = new ConnectionOptions();
        var entity = new Option<string?>("--entity", "-e") { Description = "the entity of a test observation, such as volume/test", HelpName = "id" };
        var state = new Option<string?>("--state") { Description = "the state it is in", HelpName = "state" };
        var occurrence = new Option<string?>("--occurrence") { Description = "something that happened to it and is over", HelpName = "name" };
        var severity = new Option<string?>("--severity", "-s") { Description = "how grave the occurrence is", HelpName = "severity" };
        var attributes = new Option<string[]>("--attribute", "-a") { Description = "an attribute, k=v; k= unsets it; may be repeated", HelpName = "k=v" };
        var datagram = new Option<string?>("--datagram") { Description = "a verbatim gf_event datagram", HelpName = "text" };
        var logLine = new Option<string?>("--log-line") { Description = "a verbatim line of a Gluster log", HelpName = "text" };
        var log = new Option<string?>("--log") { Description = "whose log the line is of: glusterd (default), brick, shd, mount", HelpName = "kind" };
        var brickPath = new Option<string?>("--brick-path") { Description = "the path of the brick whose log the line is of", HelpName = "path" };
        var json = new Option<bool>("--json") { Description = "one JSON object for each observation" };
        severity.AcceptOnlyFromAmong("ok", "info", "unknown", "warning", "error", "critical");
        log.AcceptOnlyFromAmong("glusterd", "brick", "shd", "mount");
        attributes.Validators.Add(result =>
        {
            foreach (string bad in result.Tokens.Select(t => t.Value).Where(t => t.IndexOf('=', StringComparison.Ordinal) <= 0))
            {
                result.AddError($"--attribute: '{bad}' is no k=v");
            }
        });
        var command = new VerbCommand("emit", "Inject a test observation, a datagram or a log line, and show what became of it",
            "glusterbus emit --entity volume/test --state created",
            "glusterbus emit --entity volume/test --occurrence rehearsal --severity warning",
            "glusterbus emit --datagram \"$(date +%s) 3 name=gv0;force=0\"",
            "glusterbus emit --log-line '[2026-11-22 09:16:38.618000 +0000] I [MSGID: 106005] [glusterd-handler.c:6391:…] 0-management: Brick gl2:/srv/rv1 has disconnected from glusterd.'")
        { entity, state, occurrence, severity, attributes, datagram, logLine, log, brickPath, json };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string?[] subjects = [parsed.GetValue(entity), parsed.GetValue(datagram), parsed.GetValue(logLine)];
            if (subjects.Count(s => s is not null) != 1)
            {
                throw new UserException("give exactly one of --entity, --datagram and --log-line; see `glusterbus emit --help`", ExitCode.Usage);
            }

            var request = new EmitRequest
            {
                Entity = parsed.GetValue(entity),
                State = parsed.GetValue(state),
                Occurrence = parsed.GetValue(occurrence),
                Severity = parsed.GetValue(severity) is { } grave ? Severities.Parse(grave) : null,
                Attributes = parsed.GetValue(attributes) is { Length: > 0 } pairs ? Attributes(pairs) : null,
                Datagram = parsed.GetValue(datagram),
                LogLine = parsed.GetValue(logLine),
                Log = parsed.GetValue(log),
                BrickPath = parsed.GetValue(brickPath),
            };
            using InstanceClient client = connection.Client(parsed);
            using JsonDocument answer = await client.EmitAsync(request, cancellationToken);
            foreach (JsonElement result in answer.RootElement.GetProperty("results").EnumerateArray())
            {
                Console.Out.WriteLine(parsed.GetValue(json) ? result.GetRawText() : Text(result));
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static Dictionary<string, string?> Attributes(string[] pairs)
    {
        Dictionary<string, string?> attributes = new(StringComparer.Ordinal);
        foreach (string[] pair in pairs.Select(p => p.Split('=', 2)))
        {
            attributes[pair[0]] = pair[1].Length == 0 ? null : pair[1];
        }

        return attributes;
    }

    private static string Text(JsonElement result)
    {
        string outcome = result.GetProperty("outcome").GetString()!;
        string what = result.TryGetProperty("state", out JsonElement state) ? state.GetString()!
            : result.TryGetProperty("occurrence", out JsonElement occurrence) ? occurrence.GetString()!
            : "attributes";
        string head = $"{outcome}: {result.GetProperty("entity").GetString()} {what}";
        return result.TryGetProperty("transition", out JsonElement transition)
            ? $"{head}\n  {TransitionText.Line(TransitionJson.Parse(Encoding.UTF8.GetBytes(transition.GetRawText())))}"
            : head;
    }
}
