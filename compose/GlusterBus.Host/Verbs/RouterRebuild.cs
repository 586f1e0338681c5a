using System.CommandLine;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Topology;
using GlusterBus.Host.Api;
using GlusterBus.Host.Composition;
using GlusterBus.Host.Hosting;
using GlusterBus.Router.State;
using GlusterBus.Router.State.Redis;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Host.Verbs;

/// <summary><c>replay --into router</c>: an emptied state table in Redis gets the states back that the archive knows.</summary>
internal static class RouterRebuild
{
    /// <exception cref="UserException">The archive or Redis does not answer, or there is nothing to rebuild.</exception>
    public static async Task<int> RunAsync(
        InstanceClient client, FilterOptions filter, ParseResult parsed, DateTimeOffset? until, string? config, CancellationToken cancellationToken)
    {
        TimeProvider clock = TimeProvider.System;
        GlusterBusOptions options = LoadedConfiguration.Load(config, Environment.GetEnvironmentVariables(), PluginFactory.Catalog).Options;
        string cluster = filter.Cluster(parsed) ?? options.Cluster;
        var query = new UrlQuery("v1/state");
        query.Add("at", until ?? clock.GetUtcNow());
        filter.AddTo(query, parsed);
        List<EntityState> rows = [];
        await foreach (string line in client.LinesAsync(query.ToString(), null, cancellationToken))
        {
            rows.Add(StateVerb.Row(line));
        }

        try
        {
            await using var redis = new RedisConnection(options.Redis, $"glusterbus replay {Environment.MachineName}", clock);
            var store = new RedisClusterStore(redis, options.Redis, clock);
            RebuiltTable rebuilt = await TableRebuild.RunAsync(store.TableOf(cluster), rows, clock.GetUtcNow(), cancellationToken);
            await store.RememberAsync(BrokerNames.PartitionOf(cluster, options.RabbitMq.Partitions), cluster, cancellationToken);
            await Console.Error.WriteLineAsync($"cluster {cluster}: {rebuilt.Written} states written, {rebuilt.Kept} known already and left as they are");
            return ExitCode.Success;
        }
        catch (TableIntactException e)
        {
            throw new UserException($"{e.Message}; nothing was changed", ExitCode.Failure, e);
        }
        catch (Exception e) when (e is StateTableUnreachableException or FencedException)
        {
            throw new UserException($"the state table of {cluster} can't be written: {e.Message}; see `glusterbus check --role route`", ExitCode.Failure, e);
        }
    }
}
