using System.Globalization;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.TestKit;

/// <summary>A master, its replica, and a Sentinel that makes the replica the master when the master is gone for 300 ms.</summary>
public sealed class RedisSentinel : IAsyncDisposable
{
    public const string MasterName = "glusterbus";

    private readonly TemporaryFolder _folder = new();
    private ServerProcess? _sentinel;

    private RedisSentinel(RedisProcess master, RedisProcess replica)
    {
        (Master, Replica) = (master, replica);
    }

    public RedisProcess Master { get; }

    public RedisProcess Replica { get; }

    public int Port { get; } = FreePorts.Take(1)[0];

    /// <summary>Leads to the master by way of the Sentinel, which is named after one that does not exist.</summary>
    public RedisOptions Options => new() { Hosts = [Host(FreePorts.Take(1)[0]), Host(Port)], SentinelMaster = MasterName };

    /// <summary>Starts all three and waits until the Sentinel knows the replica.</summary>
    public static async Task<RedisSentinel> StartAsync(CancellationToken cancellationToken)
    {
        RedisProcess master = await RedisProcess.StartAsync(cancellationToken, "--repl-diskless-sync-delay", "0");
        RedisProcess replica = await RedisProcess.StartAsync(cancellationToken, "--replicaof", "127.0.0.1", master.Port.ToString(CultureInfo.InvariantCulture), "--repl-diskless-sync-delay", "0");
        var sentinel = new RedisSentinel(master, replica);
        try
        {
            // A Sentinel looks only every ten seconds: at its first look everything is to be in place.
            while (!(await replica.ControlAsync(["INFO", "replication"], cancellationToken)).Contains("master_link_status:up", StringComparison.Ordinal))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
            }

            await sentinel.StartSentinelAsync(cancellationToken);
            return sentinel;
        }
        catch
        {
            await sentinel.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_sentinel is not null)
        {
            await _sentinel.DisposeAsync();
        }

        await Replica.DisposeAsync();
        await Master.DisposeAsync();
        _folder.Dispose();
    }

    private static string Host(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    private async Task StartSentinelAsync(CancellationToken cancellationToken)
    {
        string file = _folder.File("sentinel.conf");
        await File.WriteAllTextAsync(
            file,
            string.Create(CultureInfo.InvariantCulture, $"""
                port {Port}
                bind 127.0.0.1
                dir {_folder.Path}
                sentinel monitor {MasterName} 127.0.0.1 {Master.Port} 1
                sentinel down-after-milliseconds {MasterName} 300
                sentinel failover-timeout {MasterName} 5000

                """),
            cancellationToken);
        _sentinel = ServerProcess.Start("/usr/bin/redis-server", [file, "--sentinel"], _folder.File("output"));
        while (!(await RedisProcess.ControlAsync(Port, ["SENTINEL", "REPLICAS", MasterName], cancellationToken)).Contains("master-link-status\nok", StringComparison.Ordinal))
        {
            if (_sentinel.HasExited)
            {
                throw new InvalidOperationException($"the Sentinel ended: {await File.ReadAllTextAsync(_folder.File("output"), cancellationToken)}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }
}
