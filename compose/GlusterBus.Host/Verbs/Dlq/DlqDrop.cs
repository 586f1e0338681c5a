using System.CommandLine;
using GlusterBus.Host.Hosting;
using GlusterBus.Notifiers.Broker;

namespace GlusterBus.Host.Verbs.Dlq;

/// <summary><c>glusterbus dlq drop</c>: throws away what nobody will ever want. Asks before.</summary>
internal static class DlqDrop
{
    public static Command Build()
    {
        var options = new DlqOptions();
        var yes = new Option<bool>("--yes", "-y") { Description = "do not ask" };
        var command = new VerbCommand("drop", "Throw away what rests in an error queue, for good; asks before",
            "glusterbus dlq drop ops --all",
            "glusterbus dlq drop ops --id 'prod/brick/rv/gl2:/srv/rv1@7' --yes")
        { options.Name, options.Id, options.All, yes, options.Config };
        options.RequireChoice(command);
        command.SetAction((parsed, cancellationToken) => DlqBroker.UseAsync(
            parsed.GetValue(options.Config),
            async broker =>
            {
                ErrorQueueName name = await broker.FindAsync(parsed.GetValue(options.Name)!, cancellationToken);
                string? id = parsed.GetValue(options.Id);
                if (await broker.Open(name).CountAsync(cancellationToken) is not ({ } count and > 0))
                {
                    return id is not null ? throw DlqEnd.NoSuchId(name, id) : DlqEnd.Empty(name);
                }

                if (!parsed.GetValue(yes) && !await AgreesAsync(id is null ? $"everything in {name.ErrorQueue} ({count})" : $"'{DlqText.Visible(id)}' in {name.ErrorQueue}", cancellationToken))
                {
                    throw new UserException("nothing was thrown away; answer y, or add --yes");
                }

                using var progress = new DlqProgress($"thrown away from {name.ErrorQueue}", count, TimeProvider.System);
                long done = await broker.DoAsync(name, queue => queue.DropAsync(id, progress, cancellationToken));
                return done > 0 ? ExitCode.Success : id is not null ? throw DlqEnd.NoSuchId(name, id) : DlqEnd.Empty(name);
            },
            cancellationToken));
        return command;
    }

    /// <summary>The end of the input is no agreement.</summary>
    private static async Task<bool> AgreesAsync(string what, CancellationToken cancellationToken)
    {
        await Console.Error.WriteAsync($"throw away {what} for good? [y/N] ");
        string? answer = await Task.Run(Console.In.ReadLine, cancellationToken).WaitAsync(cancellationToken);
        if (Console.IsInputRedirected)
        {
            await Console.Error.WriteLineAsync();
        }

        return answer?.Trim().ToLowerInvariant() is "y" or "yes";
    }
}
