using System.Text.RegularExpressions;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Runtime.Bus;

/// <summary>What an account may do in a virtual host, as RabbitMQ has it: three patterns over the names of queues and exchanges.</summary>
/// <param name="Configure">What it may declare and delete.</param>
/// <param name="Write">Where it may publish, and what it may bind to something.</param>
/// <param name="Read">What it may consume, and what it may bind something to.</param>
public sealed record BrokerPermissions(string Configure, string Write, string Read)
{
    /// <summary>The least that <c>glusterbus collect</c> needs: to publish observations. Confirms, mandatory publishing and answers to heartbeats (direct
    /// reply-to) need no permission.</summary>
    public static readonly BrokerPermissions Collector = new("^$", @"^glusterbus\.observations$", "^$");

    /// <summary>The least that <c>glusterbus notify</c> and <c>glusterbus dlq</c> need: the queues of notifiers are theirs, the channels they may only listen to.</summary>
    /// <remarks>The default exchange is not among them, so such an account can publish to its own queues and nowhere else.</remarks>
    public static readonly BrokerPermissions Notifier = new(@"^glusterbus\.notify\.", @"^glusterbus\.notify\.", @"^glusterbus\.(?!observations)");

    /// <summary>The least that <c>glusterbus route</c> needs: everything of GlusterBus but the notifiers' queues, and the default exchange, over which it answers
    /// collectors and parks what is no observation.</summary>
    public static readonly BrokerPermissions Router = new(@"^glusterbus\.(?!notify\.)", @"^(glusterbus\.(?!notify\.)|amq\.default$)", @"^glusterbus\.(?!notify\.)");

    /// <summary>The least that a program of somebody's own needs which listens to the channels: queues whose names begin with its account's and a dot, or that
    /// the broker names, and the channels to bind them to.</summary>
    public static BrokerPermissions Consumer(string user)
    {
        string own = $@"{Regex.Escape(user)}\.|amq\.gen-";
        return new BrokerPermissions($"^({own})", $"^({own})", $@"^({own}|glusterbus\.(?!observations|notify\.))");
    }

    /// <summary>What an administrator types to give them to an account.</summary>
    public string Command(string user, string virtualHost) => $"rabbitmqctl set_permissions -p '{virtualHost}' '{user}' '{Configure}' '{Write}' '{Read}'";

    /// <summary>What an administrator types to give them to the configured account.</summary>
    public string Command(RabbitMqOptions options) => Command(options.User, options.VirtualHost);
}
