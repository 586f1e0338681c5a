using GlusterBus.Runtime.Configuration;
using GlusterBus.TestKit;

namespace GlusterBus.Collectors.Tests.Publishing;

/// <summary>One broker for the tests of a class.</summary>
public sealed class BrokerFixture : IAsyncLifetime
{
    private static int _count;

    public RabbitMqProcess Broker { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Broker = await RabbitMqProcess.StartAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => Broker.DisposeAsync();

    /// <summary>A virtual host of the test's own, empty.</summary>
    public async Task<RabbitMqOptions> HostAsync(CancellationToken cancellationToken)
    {
        string host = $"v{Interlocked.Increment(ref _count)}";
        await Broker.ControlAsync(["add_vhost", host], cancellationToken);
        await Broker.ControlAsync(["set_permissions", "-p", host, "guest", ".*", ".*", ".*"], cancellationToken);
        return Broker.Options with { VirtualHost = host, Partitions = 1 };
    }
}
