using System.Globalization;
using System.Text;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Topology;

namespace GlusterBus.Contracts.Tests.Topology;

/// <summary>The AsyncAPI document as the code has it: one channel for each kind, one for all, and the one that collectors publish to.</summary>
internal static class AsyncApiText
{
    private const string Head = """
        # The channels of GlusterBus on RabbitMQ, for whoever writes a consumer or a collector of their own (samples/ has consumers that run).
        # AsyncApiTests holds it to the code: a kind of entity that is added there must be added here.
        asyncapi: 3.0.0
        info:
          title: GlusterBus channels
          version: 1.0.0
          description: >-
            What changes in GlusterFS clusters, once per fact and in order per entity. Every body is a CloudEvent 1.0 in structured JSON mode.
            Delivery is at least once: a repetition has the same id. Declare a queue of your own and bind it to an exchange; the routing key has three words.
          license:
            name: Apache-2.0
            url: https://www.apache.org/licenses/LICENSE-2.0
        defaultContentType: application/cloudevents+json
        servers:
          broker:
            host: localhost:5672
            protocol: amqp
            protocolVersion: 0.9.1
            description: RabbitMQ 3.10 or newer; 5671 with TLS
        channels:

        """;

    private const string Operations = """
        operations:
          receiveObservations:
            action: receive
            title: Collectors publish what they see; routers take it
            channel:
              $ref: '#/channels/observations'

        """;

    private const string Components = """
        components:
          parameters:
            cluster:
              description: The cluster's configured name; dots are written %2E, percent signs %25
            name:
              description: The entity's name without its kind, escaped likewise; one that is too long for 255 bytes keeps its beginning and ends with a hash
            change:
              description: The new state, the occurrence, or the name of an attribute change
            partition:
              description: p00, p01, …; which one is the cluster's follows from its name (BrokerNames.PartitionOf)
          messages:
            transition:
              name: org.glusterbus.transition
              title: A change of one entity
              contentType: application/cloudevents+json
              payload:
                $ref: ./transition.v1.json
            observation:
              name: org.glusterbus.observation
              title: What one collector saw
              description: A body of 16384 bytes or more is compressed by gzip, and its content encoding says so. Both are taken
              contentType: application/json
              payload:
                $ref: ./observation.v1.json

        """;

    public static string Write()
    {
        var text = new StringBuilder(Head);
        Channel(text, "all", BrokerNames.AllChannel, "Every transition of every kind", "cluster name change");
        foreach (EntityKind kind in EntityKinds.All.OrderBy(k => k.Name, StringComparer.Ordinal))
        {
            Channel(text, kind.Name, BrokerNames.Channel(kind.Name), $"{kind.Summary}. States: {States(kind)}", "cluster name change");
        }

        Channel(text, "observations", BrokerNames.Observations, "What collectors saw, for the routers; not meant for consumers", "partition");
        text.Append(Operations);
        foreach (string channel in EntityKinds.All.Select(k => k.Name).Order(StringComparer.Ordinal).Prepend("all"))
        {
            text.Append(CultureInfo.InvariantCulture, $"  send{char.ToUpperInvariant(channel[0])}{channel[1..]}:\n    action: send\n    channel:\n      $ref: '#/channels/{channel}'\n");
        }

        return text.Append(Components).ToString();
    }

    private static void Channel(StringBuilder text, string name, string exchange, string description, string parameters)
    {
        string[] words = parameters.Split(' ');
        string message = words.Contains("partition") ? "observation" : "transition";
        text.Append(CultureInfo.InvariantCulture, $"  {name}:\n    address: '{string.Join('.', words.Select(word => $"{{{word}}}"))}'\n    description: '{description.Replace("'", "''", StringComparison.Ordinal)}'\n    parameters:\n");
        foreach (string word in words)
        {
            text.Append(CultureInfo.InvariantCulture, $"      {word}:\n        $ref: '#/components/parameters/{word}'\n");
        }

        text.Append(CultureInfo.InvariantCulture, $$"""
                messages:
                  {{message}}:
                    $ref: '#/components/messages/{{message}}'
                bindings:
                  amqp:
                    is: routingKey
                    exchange:
                      name: {{exchange}}
                      type: topic
                      durable: true
                      autoDelete: false
                      vhost: /
                    bindingVersion: 0.3.0

            """);
    }

    private static string States(EntityKind kind) =>
        string.Join(", ", kind.States.OrderBy(s => s.Value).ThenBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key} ({s.Value.Name()})"));
}
