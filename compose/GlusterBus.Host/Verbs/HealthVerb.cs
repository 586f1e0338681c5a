using System.CommandLine;
using GlusterBus.Host.Api;
using GlusterBus.Host.Hosting;

namespace GlusterBus.Host.Verbs;

/// <summary><c>glusterbus health</c>: whether an instance is ready, for health checks of containers and for scripts.</summary>
internal sealed class HealthVerb : IVerb
{
    /// <summary>The longest that an instance may take to say so.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Between two questions while it is waited for.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    public static Command Build()
    {
        var connection = new ConnectionOptions();
        var role = new Option<string?>("--role") { Description = "whose usual socket to ask: up, collect, route, notify or demo; by default the first that there is", HelpName = "role" };
        role.AcceptOnlyFromAmong("up", "collect", "route", "notify", "demo");
        Option<int?> wait = new Option<int?>("--wait") { Description = "how long it may take to become ready, in seconds; by default it is asked once", HelpName = "seconds" }.Within(1, 3600);
        var command = new VerbCommand("health", "Ask a running instance whether it is ready; exit code 0 when it is, else 1",
            "glusterbus health",
            "glusterbus health --role route --wait 30",
            "glusterbus health --server http://gl1:8055")
        {
            role,
            wait,
        };
        connection.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(
            () => connection.Client(parsed, parsed.GetValue(role) ?? ConnectionOptions.AnyRole), TimeSpan.FromSeconds(parsed.GetValue(wait) ?? 0), TimeProvider.System, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(Func<InstanceClient> client, TimeSpan wait, TimeProvider clock, CancellationToken cancellationToken)
    {
        for (long began = clock.GetTimestamp(); ;)
        {
            try
            {
                return await AskAsync(client(), cancellationToken);
            }
            catch (UserException) when (clock.GetElapsedTime(began) + Pause < wait)
            {
                await Task.Delay(Pause, clock, cancellationToken);
            }
        }
    }

    private static async Task<int> AskAsync(InstanceClient instance, CancellationToken cancellationToken)
    {
        using InstanceClient client = instance;
        using var timeout = new CancellationTokenSource(Patience, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            if (await client.UnreadinessAsync(either.Token) is { } reason)
            {
                throw new UserException(reason);
            }

            Console.Out.WriteLine("ready");
            return ExitCode.Success;
        }
        catch (UserException e) when (e.ExitCode != ExitCode.Failure)
        {
            // Whoever checks health knows 0 and 1.
            throw new UserException(e.Message, ExitCode.Failure, e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new UserException($"no answer within {Patience.TotalSeconds:0} s", ExitCode.Failure, e);
        }
    }
}
