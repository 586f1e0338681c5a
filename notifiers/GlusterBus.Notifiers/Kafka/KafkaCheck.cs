using Confluent.Kafka;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Notifiers.Kafka.Writing;

namespace GlusterBus.Notifiers.Kafka;

/// <summary>Would Kafka take it? Connects, logs in and looks at the topics; makes none.</summary>
internal static class KafkaCheck
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);

    public static async Task<IReadOnlyList<CheckResult>> RunAsync(KafkaOptions options, CancellationToken cancellationToken)
    {
        string subject = $"Kafka {KafkaConnection.Name(options)}";
        Error? connection = null;
        try
        {
            using IAdminClient admin = new AdminClientBuilder(KafkaConnection.Of(options))
                .SetLogHandler(static (_, _) => { })
                .SetErrorHandler((_, error) => connection = error.Code == ErrorCode.Local_AllBrokersDown && connection is not null ? connection : error)
                .Build();
            TimeSpan patience = options.Timeout < Longest ? options.Timeout : Longest;
            IReadOnlyDictionary<string, int> existing = await Task.Run(() => KafkaTopics.Existing(admin, patience), cancellationToken).WaitAsync(cancellationToken);
            return [new CheckResult(options.User is null ? subject : $"{subject} as {options.User}"), .. Topics(subject, existing, options)];
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The start is possible all the same: what can't be archived waits in the notifier's queue.
            DeliveryFailedException failure = KafkaFault.Of(e, connection, options);
            return [new CheckResult(subject, failure.Message, KafkaFault.Remedy(failure), IsWarning: true)];
        }
    }

    /// <summary>What there is to say about the topics. Pure.</summary>
    internal static IEnumerable<CheckResult> Topics(string subject, IReadOnlyDictionary<string, int> existing, KafkaOptions options)
    {
        foreach (string topic in (string[])[options.Topic, options.StateTopic])
        {
            bool isThere = existing.TryGetValue(topic, out int partitions);
            yield return isThere && partitions != options.Partitions
                ? new CheckResult($"{subject}: topic {topic}", $"it has {partitions} partitions, the configuration says {options.Partitions}",
                    $"set \"partitions\": {partitions}; a topic must never get more partitions, since the key decides where an entity lies", IsWarning: true)
                : isThere ? new CheckResult($"{subject}: topic {topic}, {partitions} partitions")
                : options.CreateTopics ? new CheckResult($"{subject}: topic {topic} (will be made)")
                : new CheckResult($"{subject}: topic {topic}", "it is not there, and createTopics is false", $"have it made with {options.Partitions} partitions, or set \"createTopics\": true", IsWarning: true);
        }
    }
}
