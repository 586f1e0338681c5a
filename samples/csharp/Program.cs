// Prints what changes in a Gluster cluster, a line for each transition on GlusterBus's channels. Needs RabbitMQ.Client.
//   AMQP_URL=amqp://user:password@mq1/%2F dotnet run -- EXCHANGE KEY [QUEUE]
//   dotnet run -- glusterbus.brick 'prod.*.offline' ops.printer
using GlusterBus.Sample;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

(string exchange, string key, string? queue) = (args.ElementAtOrDefault(0) ?? "glusterbus.all", args.ElementAtOrDefault(1) ?? "#", args.ElementAtOrDefault(2));
var address = new Uri(Environment.GetEnvironmentVariable("AMQP_URL") ?? "amqp://localhost/%2F");
// The loop is needed for the first connection anyway, and one way of connecting is enough: hence no automatic recovery.
var factory = new ConnectionFactory { Uri = address, RequestedHeartbeat = TimeSpan.FromSeconds(10), AutomaticRecoveryEnabled = false };
var seen = new OrderedDictionary<string, bool>(); // ids of this run; if the work must never be done twice, keep the id beside its result
while (true)
{
    try { await ListenAsync(); }
    catch (Exception e) when (e is RabbitMQClientException or IOException or TimeoutException)
    {
        Console.Error.WriteLine($"the broker is away or refuses: {e.GetBaseException().Message}; trying again");
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
    }
}

async Task ListenAsync()
{
    await using IConnection connection = await factory.CreateConnectionAsync();
    await using IChannel channel = await connection.CreateChannelAsync();
    // A queue with a name gathers while this program is away, for up to a week: choose it when nothing may be missed.
    // One without is exclusive and lives as long as the connection: choose it to look on, when only the present counts.
    var durably = new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-expires"] = 7 * 24 * 3600 * 1000 };
    QueueDeclareOk declared = queue is null
        ? await channel.QueueDeclareAsync("", durable: false, exclusive: true, autoDelete: true)
        : await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, durably);
    await channel.QueueBindAsync(declared.QueueName, exchange, key);
    await channel.BasicQosAsync(0, prefetchCount: 50, global: false);
    var ended = new TaskCompletionSource();
    channel.ChannelShutdownAsync += (_, e) => Task.FromResult(ended.TrySetException(new IOException(e.ReplyText)));
    var consumer = new AsyncEventingBasicConsumer(channel);
    consumer.UnregisteredAsync += (_, _) => Task.FromResult(ended.TrySetException(new IOException("the queue was deleted")));
    consumer.ReceivedAsync += async (_, delivery) =>
    {
        if (Transition.Parse(delivery.Body.Span) is { } transition) { Work(transition); }

        await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false); // only now: what was not worked on comes again
    };
    await channel.BasicConsumeAsync(declared.QueueName, autoAck: false, consumer);
    Console.Error.WriteLine($"listening to {exchange} {key}");
    await ended.Task;
}

void Work(Transition transition)
{
    if (seen.TryAdd(transition.Id, true)) // a repetition has the same id
    {
        Console.WriteLine($"{transition.Time} {transition.Data.Severity} {transition.Id} {transition.Data.Name}");
        seen.Remove(seen.Count > 10_000 ? seen.GetAt(0).Key : "");
    }
}
