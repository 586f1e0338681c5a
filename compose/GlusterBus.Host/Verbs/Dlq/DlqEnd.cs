using GlusterBus.Host.Hosting;
using GlusterBus.Notifiers.Broker;

namespace GlusterBus.Host.Verbs.Dlq;

/// <summary>Ends that the subcommands have in common.</summary>
internal static class DlqEnd
{
    /// <summary>Nothing to do is no failure.</summary>
    public static int Empty(ErrorQueueName name)
    {
        Console.Error.WriteLine($"nothing rests in {name.ErrorQueue}");
        return ExitCode.Success;
    }

    public static UserException NoSuchId(ErrorQueueName name, string id) =>
        new($"nothing in {name.ErrorQueue} has the id '{DlqText.Visible(id)}'; `glusterbus dlq show {name.Name}` tells the ids");

    /// <summary>What rests there has nowhere to go back to.</summary>
    public static UserException NoWayBack(ErrorQueueName name, Exception inner) => new(
        name.IsRouters
            ? $"no router has made the queue of its partition yet; start one: glusterbus route (rabbitMq.partitions must be the same on every machine)"
            : $"{name.Queue} does not exist on the broker; start `glusterbus notify` with the notifier '{name.Name}' once, which makes it",
        ExitCode.Failure,
        inner);
}
