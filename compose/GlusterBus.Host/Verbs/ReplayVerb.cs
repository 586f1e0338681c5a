using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;
using GlusterBus.Contracts.Messages;
using GlusterBus.Host.Api;
using GlusterBus.Host.Hosting;

namespace GlusterBus.Host.Verbs;

/// <summary><c>glusterbus replay</c>: past transitions once more, marked as such.</summary>
internal sealed class ReplayVerb : IVerb
{
    public static Command Build()
    {
        var connection = new ConnectionOptions();
        var filter = new FilterOptions();
        Option<DateTimeOffset?> since = TimeOption.Create("--since", "from then on; the last 24 hours by default", "--from");
        Option<DateTimeOffset?> until = TimeOption.Create("--until", "up to then", "--to");
        var speed = new Option<double>("--speed") { Description = "how fast: 1x as it was, 10x, or max (the default) without pauses", HelpName = "factor", CustomParser = Speed, DefaultValueFactory = _ => double.PositiveInfinity };
        var into = new Option<string>("--into") { Description = "stdout; exchange, which is glusterbus.replay on the broker; notifier:NAME of the configuration; router, which rebuilds the state table in Redis", HelpName = "target", DefaultValueFactory = _ => "stdout" };
        var json = new Option<bool>("--json") { Description = "CloudEvents, one JSON object a line, on stdout" };
        into.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is not ("stdout" or "exchange" or "router" or ['n', 'o', 't', 'i', 'f', 'i', 'e', 'r', ':', _, ..]))
            {
                result.AddError("--into takes stdout, exchange, router or notifier:NAME");
            }
        });
        var command = new VerbCommand("replay", "Send past transitions again, marked with replay: true",
            "glusterbus replay --since 2h",
            "glusterbus replay --from 'yesterday 03:00' --to 'yesterday 04:00' --speed 10x",
            "glusterbus replay --since 24h --channel brick --into notifier:ops",
            "glusterbus replay --into router    # an emptied Redis gets its previous states back")
        { since, until, speed, into, json };
        filter.AddTo(command);
        connection.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(into) == "router" && (result.GetResult(since) ?? result.GetResult(speed)) is { Implicit: false } vain)
            {
                result.AddError($"{vain.Option.Name} has no meaning with --into router, which rebuilds the states as they were at --to, or are now");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using InstanceClient client = connection.Client(parsed);
            string target = parsed.GetValue(into)!;
            if (target == "router")
            {
                return await RouterRebuild.RunAsync(client, filter, parsed, parsed.GetValue(until), parsed.GetValue(connection.Config), cancellationToken);
            }

            DateTimeOffset begin = parsed.GetValue(since) ?? TimeProvider.System.GetUtcNow().AddHours(-24);
            await using IReplayTarget receiver = target switch
            {
                "stdout" => new OutputTarget(new TransitionOutput(parsed.GetValue(json), withDate: true)),
                "exchange" => await ExchangeTarget.OpenAsync(parsed.GetValue(connection.Config), cancellationToken),
                _ => NotifierTarget.Create(target["notifier:".Length..], parsed.GetValue(connection.Config)),
            };
            await ReadingProgress.ShowAsync($"replay into {target}", target != "stdout" || Console.IsOutputRedirected, told => ReplayAsync(
                PastTransitions.AllAsync(Query(), client, told, cancellationToken), parsed.GetValue(speed), receiver, TimeProvider.System, cancellationToken));
            return await receiver.FinishAsync();

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

    /// <summary>Sends each transition with the pause that lay before it, divided by the speed.</summary>
    internal static async Task ReplayAsync(IAsyncEnumerable<string> past, double speed, IReplayTarget target, TimeProvider clock, CancellationToken cancellationToken)
    {
        DateTimeOffset? before = null;
        await foreach (string json in past)
        {
            // Its trace has long ended, and this is no part of it.
            Transition transition = TransitionJson.Parse(Encoding.UTF8.GetBytes(json)) with { Replay = true, TraceParent = null };
            TimeSpan pause = before is { } last && double.IsFinite(speed) ? (transition.Time - last) / speed : TimeSpan.Zero;
            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, clock, cancellationToken);
            }

            before = before is { } latest && latest > transition.Time ? latest : transition.Time;
            await target.SendAsync(transition, cancellationToken);
        }
    }

    private static double Speed(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (text == "max")
        {
            return double.PositiveInfinity;
        }

        if (double.TryParse(text.TrimEnd('x'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double speed) && speed is >= 0.01 and <= 1_000_000)
        {
            return speed;
        }

        result.AddError($"--speed: '{text}' is no speed; write 10x, 0.5x or max");
        return 1;
    }

    private sealed class OutputTarget(TransitionOutput output) : IReplayTarget
    {
        public Task SendAsync(Transition transition, CancellationToken cancellationToken)
        {
            output.Write(Encoding.UTF8.GetString(TransitionJson.Write(transition)));
            return Task.CompletedTask;
        }

        public Task<int> FinishAsync() => Task.FromResult(ExitCode.Success);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
