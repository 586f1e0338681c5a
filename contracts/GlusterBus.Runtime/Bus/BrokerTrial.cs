using GlusterBus.Contracts.Plugins;
using GlusterBus.Contracts.Topology;
using GlusterBus.Runtime.Configuration;
using RabbitMQ.Client;

namespace GlusterBus.Runtime.Bus;

/// <summary>Tries out on an open connection what a role does, and notes what came of it.</summary>
public sealed class BrokerTrial
{
    private readonly IConnection _connection;
    private readonly RabbitMqOptions _options;
    private readonly BrokerPermissions _needed;
    private readonly List<CheckResult> _results;

    internal BrokerTrial(IConnection connection, RabbitMqOptions options, BrokerPermissions needed, List<CheckResult> results) =>
        (_connection, _options, _needed, _results) = (connection, options, needed, results);

    /// <summary>Adds a line of its own.</summary>
    public void Note(CheckResult result) => _results.Add(result);

    /// <summary>Does something on a channel of its own and adds a line: all is well, or what is in the way and what mends it.</summary>
    /// <param name="subject">What is tried.</param>
    /// <param name="attempt">Throws where it fails.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="mend">Turns a trouble into another line where this role knows more of it; null where it does not.</param>
    /// <returns>True when it worked.</returns>
    public async Task<bool> TryAsync(string subject, Func<IChannel, Task> attempt, CancellationToken cancellationToken, Func<Exception, CheckResult?>? mend = null)
    {
        try
        {
            await using IChannel channel = await BrokerConnection.OpenChannelAsync(_connection, outstanding: 2, cancellationToken);
            await attempt(channel);
            _results.Add(new CheckResult(subject));
            return true;
        }
        catch (Exception e) when (BrokerFault.Is(e))
        {
            if (mend?.Invoke(e) is { } known)
            {
                _results.Add(known);
                return known.Problem is null;
            }

            BrokerTrouble trouble = BrokerTrouble.Of(e, _options, _needed);

            // A router makes what is missing when it starts; the other roles wait for that.
            _results.Add(new CheckResult(subject, trouble.Problem, trouble.Remedy, IsWarning: trouble.Kind == BrokerTroubleKind.Missing));
            return false;
        }
    }

    /// <summary>Does with a queue and an exchange of its own, named beside another queue so that the same rights are needed, what will be done with that one.</summary>
    /// <param name="subject">What is tried.</param>
    /// <param name="queue">The queue that they are named after.</param>
    /// <param name="attempt">Gets the channel and the name of both, which are bound to each other. Whatever it leaves in the queue goes with it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<bool> TryBesideAsync(string subject, string queue, Func<IChannel, string, Task> attempt, CancellationToken cancellationToken)
    {
        string own = BrokerNames.CheckName(queue);
        bool isDeclared = false;
        try
        {
            return await TryAsync(
                subject,
                async channel =>
                {
                    await channel.ExchangeDeclareAsync(own, ExchangeType.Fanout, durable: false, autoDelete: true, cancellationToken: cancellationToken);
                    isDeclared = true;
                    await channel.QueueDeclareAsync(own, durable: false, exclusive: true, autoDelete: true, cancellationToken: cancellationToken);
                    await channel.QueueBindAsync(own, own, "", cancellationToken: cancellationToken);
                    await channel.BasicPublishAsync(own, "", mandatory: true, new BasicProperties(), ReadOnlyMemory<byte>.Empty, cancellationToken);
                    await attempt(channel, own);
                    await channel.BasicGetAsync(own, autoAck: true, cancellationToken);
                },
                cancellationToken);
        }
        finally
        {
            // A refusal has closed the channel. The broker deletes the queue by itself, but not an exchange that nothing was ever bound to.
            if (isDeclared && _connection.IsOpen)
            {
                await using IChannel channel = await _connection.CreateChannelAsync(cancellationToken: cancellationToken);
                await channel.ExchangeDeleteAsync(own, cancellationToken: cancellationToken);
                await channel.QueueDeleteAsync(own, cancellationToken: cancellationToken);
            }
        }
    }

    /// <summary>How many messages wait in a queue; null when it does not exist. Needs no permission.</summary>
    public async Task<uint?> CountAsync(string queue, CancellationToken cancellationToken)
    {
        await using IChannel channel = await _connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            return await channel.MessageCountAsync(queue, cancellationToken);
        }
        catch (Exception e) when (BrokerFault.IsAbsence(e))
        {
            return null;
        }
    }

    /// <summary>A warning when something rests in an error queue.</summary>
    /// <param name="queue">The error queue.</param>
    /// <param name="name">How <c>glusterbus dlq</c> names it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task NoteParkedAsync(string queue, string name, CancellationToken cancellationToken)
    {
        if (await CountAsync(queue, cancellationToken) is { } parked and > 0)
        {
            Note(new CheckResult(queue, $"{parked} parked there, for somebody to decide", $"glusterbus dlq show {name}", IsWarning: true));
        }
    }

    /// <summary>Says of a queue that exists how much waits in it, or that it has other properties than this version gives it: its receivers would never start.</summary>
    /// <param name="description">The queue as this version declares it; one that does not exist yet is passed over, and is not made.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task TryShapeAsync(QueueDescription description, CancellationToken cancellationToken)
    {
        string queue = description.Name;
        if (await CountAsync(queue, cancellationToken) is not { } waiting)
        {
            return;
        }

        string subject = $"queue {queue}, {waiting} wait";
        await TryAsync(
            subject,
            channel => channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, description.Declaration, cancellationToken: cancellationToken),
            cancellationToken,
            e => BrokerFault.IsMismatch(e)
                ? new CheckResult(
                    subject,
                    "it was made with other properties than this version gives it: " + BrokerFault.Text(e),
                    $"let it run empty, then rabbitmqctl -p '{_options.VirtualHost}' delete_queue '{queue}'; the next start makes it anew")
                : null);
    }
}
