using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Runtime.Bus;

/// <summary>What an account may do in a virtual host, as RabbitMQ has it: three patterns over the names of queues and exchanges.</summary>
/// <param name="Configure">What it may declare and delete.</param>
/// <param name="Write">What it may publish to and bind to others.</param>
/// <param name="Read">What it may consume and bind from.</param>
public sealed record BrokerPermissions(string Configure, string Write, string Read)
{
    /// <summary>What to type so that the configured account may do exactly this.</summary>
    public string Command(RabbitMqOptions options) =>
        $"rabbitmqctl set_permissions -p '{options.VirtualHost}' '{options.User}' '{Configure}' '{Write}' '{Read}'";
}
