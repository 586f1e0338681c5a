using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using GlusterBus.Notifiers.Deliveries;

namespace GlusterBus.Notifiers.Kafka.Writing;

/// <summary>The topics: what they are to be, which are there, and making those that are not.</summary>
internal static class KafkaTopics
{
    /// <summary>What a topic of ours is made with.</summary>
    public static TopicSpecification Of(string topic, KafkaOptions options)
    {
        bool isOfAll = topic == options.Topic;
        var configs = new Dictionary<string, string>
        {
            // The transition's own time, and not the broker's: the past is looked up by it.
            ["message.timestamp.type"] = "CreateTime",
            ["cleanup.policy"] = isOfAll ? "delete" : "compact",
        };
        if (isOfAll)
        {
            configs["retention.ms"] = options.Retention.TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture);
        }

        if (options.Replicas >= 3)
        {
            configs["min.insync.replicas"] = "2";
        }

        return new TopicSpecification
        {
            Name = topic,
            NumPartitions = topic == options.Topic || topic == options.StateTopic ? options.Partitions : 1,
            ReplicationFactor = options.Replicas == 0 ? (short)-1 : (short)options.Replicas,
            Configs = configs,
        };
    }

    /// <summary>The topics that there are, with how many partitions each. Asking makes none.</summary>
    /// <exception cref="KafkaException">No broker answers in time, or it refuses.</exception>
    public static IReadOnlyDictionary<string, int> Existing(IAdminClient admin, TimeSpan timeout) =>
        admin.GetMetadata(timeout).Topics.ToDictionary(topic => topic.Topic, topic => topic.Partitions.Count, StringComparer.Ordinal);

    /// <summary>Makes those of the topics that are missing.</summary>
    /// <exception cref="KafkaException">It could not be done.</exception>
    /// <exception cref="DeliveryFailedException">They are missing and the configuration does not let them be made.</exception>
    public static async Task EnsureAsync(IEnumerable<string> topics, ClientConfig config, KafkaOptions options)
    {
        using IAdminClient admin = new AdminClientBuilder(config).SetLogHandler(static (_, _) => { }).SetErrorHandler(static (_, _) => { }).Build();
        IReadOnlyDictionary<string, int> existing = await Task.Run(() => Existing(admin, options.Timeout));
        string[] missing = [.. topics.Where(topic => !existing.ContainsKey(topic))];
        if (missing.Length == 0)
        {
            return;
        }

        if (!options.CreateTopics)
        {
            throw new DeliveryFailedException(FailureKind.Other, $"Kafka at {KafkaConnection.Name(options)} has no topic {string.Join(", ", missing)}, and createTopics is false");
        }

        try
        {
            await admin.CreateTopicsAsync(missing.Select(topic => Of(topic, options)), new CreateTopicsOptions { RequestTimeout = options.Timeout, OperationTimeout = options.Timeout });
        }
        catch (CreateTopicsException e) when (e.Results.All(result => !result.Error.IsError || result.Error.Code == ErrorCode.TopicAlreadyExists))
        {
            // Another notifier was quicker.
        }
        catch (CreateTopicsException e)
        {
            throw new KafkaException(e.Results.First(result => result.Error.IsError && result.Error.Code != ErrorCode.TopicAlreadyExists).Error);
        }
    }
}
