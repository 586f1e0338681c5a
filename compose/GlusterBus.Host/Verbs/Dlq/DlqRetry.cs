using System.CommandLine;
using GlusterBus.Host.Hosting;
using GlusterBus.Notifiers.Broker;
using GlusterBus.Runtime.Bus;
using RabbitMQ.Client.Exceptions;

namespace GlusterBus.Host.Verbs.Dlq;

/// <summary><c>glusterbus dlq retry</c>: back to the queue that it came from. What is interrupted is in the error queue or in the other, at worst in both.</summary>
internal static class DlqRetry
{
    public static Command Build()
    {
        var options = new DlqOptions();
        var command = new VerbCommand("retry", "Send what rests in an error queue back to its notifier, or to the routers; nothing is lost, whatever happens meanwhile",
            "glusterbus dlq retry ops --all",
            "glusterbus dlq retry ops --id 'prod/brick/rv/gl2:/srv/rv1@7'")
        { options.Name, options.Id, options.All, options.Config };
        options.RequireChoice(command);
        command.SetAction((parsed, cancellationToken) => DlqBroker.UseAsync(
            parsed.GetValue(options.Config),
            async broker =>
            {
                ErrorQueueName name = await broker.FindAsync(parsed.GetValue(options.Name)!, cancellationToken);
                string? id = parsed.GetValue(options.Id);
                long done = await broker.DoAsync(name, queue => RetryAsync(name, queue, id, cancellationToken));
                return done > 0 ? ExitCode.Success : id is not null ? throw DlqEnd.NoSuchId(name, id) : DlqEnd.Empty(name);
            },
            cancellationToken));
        return command;
    }

    private static async Task<long> RetryAsync(ErrorQueueName name, ErrorQueue queue, string? id, CancellationToken cancellationToken)
    {
        using var progress = new DlqProgress($"sent back to {name.Queue}", await queue.CountAsync(cancellationToken) ?? 0, TimeProvider.System);
        try
        {
            return await queue.RetryAsync(id, progress, cancellationToken);
        }
        catch (Exception e) when (BrokerFault.IsAbsence(e) || e is PublishException { IsReturn: true })
        {
            throw DlqEnd.NoWayBack(name, e);
        }
    }
}
