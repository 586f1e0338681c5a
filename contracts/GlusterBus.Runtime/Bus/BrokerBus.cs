using GlusterBus.Runtime.Configuration;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Runtime.Bus;

/// <summary>MassTransit's bus on the broker: connects, declares queues and bindings, consumes.</summary>
/// <remarks>Made without MassTransit's container integration, which alone would report usage to its makers.</remarks>
public sealed class BrokerBus : IAsyncDisposable
{
    private readonly IBusControl _bus;
    private readonly Func<Exception, BrokerTrouble> _trouble;
    private readonly Task _started;

    private BrokerBus(IBusControl bus, Func<Exception, BrokerTrouble> trouble)
    {
        (_bus, _trouble) = (bus, trouble);

        // Completes when the broker has answered, which may be in a week.
        _started = bus.StartAsync(CancellationToken.None);
    }

    /// <summary>Starts the bus. Does not wait for the broker: endpoints come alive when it answers.</summary>
    /// <param name="options">The broker.</param>
    /// <param name="needed">What the role must be allowed to do, for who has to mend it.</param>
    /// <param name="name">Shown by the broker's management: role and node.</param>
    /// <param name="loggers">Hears of connections lost and regained.</param>
    public static BrokerBus Start(RabbitMqOptions options, BrokerPermissions needed, string name, ILoggerFactory loggers)
    {
        LogContext.ConfigureCurrentLogContext(loggers);
        IReadOnlyList<HostAndPort> hosts = BrokerConnection.Hosts(options);
        RabbitMQ.Client.SslOption tls = BrokerConnection.Tls(options);
        IBusControl bus = MassTransit.Bus.Factory.CreateUsingRabbitMq(bus =>
        {
            bus.Host(hosts[0].Host, (ushort)hosts[0].Port, options.VirtualHost, name, host =>
            {
                host.Username(options.User);
                host.Password(BrokerConnection.Password(options));
                host.Heartbeat(options.Heartbeat);
                host.RequestedConnectionTimeout(BrokerConnection.ConnectTimeout);
                host.PublisherConfirmation = true;
                if (hosts.Count > 1)
                {
                    host.UseCluster(cluster =>
                    {
                        foreach (HostAndPort node in hosts)
                        {
                            cluster.Node($"{node.Host}:{node.Port}");
                        }
                    });
                }

                if (tls.Enabled)
                {
                    host.UseSsl(ssl =>
                    {
                        ssl.ServerName = string.IsNullOrEmpty(tls.ServerName) ? hosts[0].Host : tls.ServerName;
                        ssl.Certificate = tls.Certs?.OfType<System.Security.Cryptography.X509Certificates.X509Certificate2>().FirstOrDefault();
                        ssl.CertificateValidationCallback = tls.CertificateValidationCallback;
                        ssl.Protocol = System.Security.Authentication.SslProtocols.None;
                    });
                }
            });
            bus.AutoStart = false;
        });
        return new BrokerBus(bus, failure => BrokerTrouble.Of(failure, options, needed));
    }

    /// <summary>Begins to receive a quorum queue, which is declared with its bindings, as soon as the broker can be reached.</summary>
    public BrokerEndpoint Receive(QueueDescription queue, Inbox inbox)
    {
        inbox.Queue = queue;
        var watch = new BrokerEndpoint.Watch(_trouble);
        return new BrokerEndpoint(inbox, watch, _bus.ConnectReceiveEndpoint(queue.Name, configurator =>
        {
            var endpoint = (IRabbitMqReceiveEndpointConfigurator)configurator;
            endpoint.ConfigureConsumeTopology = false;
            endpoint.Durable = true;
            endpoint.PrefetchCount = queue.Prefetch;
            endpoint.ConcurrentMessageLimit = queue.Prefetch;
            foreach ((string key, object? value) in queue.Declaration)
            {
                endpoint.SetQueueArgument(key, value);
            }

            foreach ((string exchange, string key) in queue.Bindings)
            {
                endpoint.Bind(exchange, binding =>
                {
                    binding.ExchangeType = RabbitMQ.Client.ExchangeType.Topic;
                    binding.Durable = true;
                    binding.RoutingKey = key;
                });
            }

            endpoint.ConnectReceiveEndpointObserver(watch);
            endpoint.ConfigureReceive(pipe => pipe.UseFilter(inbox));
        }));
    }

    /// <summary>Endpoints that still receive are stopped with it; close their sessions first where the order of what goes back matters.</summary>
    public async ValueTask DisposeAsync()
    {
        await _bus.StopAsync(TimeSpan.FromSeconds(5));
        await _started.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}

/// <summary>A quorum queue to receive from.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Prefetch">The most deliveries handed out and not acknowledged.</param>
/// <param name="Bindings">Topic exchanges and routing keys.</param>
public sealed record QueueDescription(string Name, ushort Prefetch, IReadOnlyList<(string Exchange, string RoutingKey)> Bindings)
{
    /// <summary>True when one consumer at a time receives and the others stand by.</summary>
    public bool IsSingleActiveConsumer { get; init; }

    /// <summary>Further arguments of the declaration.</summary>
    public IReadOnlyDictionary<string, object> Arguments { get; init; } = new Dictionary<string, object>();

    /// <summary>All arguments of the declaration: what is declared and what a check expects to find.</summary>
    public Dictionary<string, object?> Declaration
    {
        get
        {
            var declaration = new Dictionary<string, object?> { ["x-queue-type"] = "quorum" };
            if (IsSingleActiveConsumer)
            {
                declaration["x-single-active-consumer"] = true;
            }

            foreach ((string key, object value) in Arguments)
            {
                declaration[key] = value;
            }

            return declaration;
        }
    }
}
