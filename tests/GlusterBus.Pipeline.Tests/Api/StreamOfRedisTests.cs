using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text.Json;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Host.Api;
using GlusterBus.Router.Decisions;
using GlusterBus.Router.State;
using GlusterBus.Router.State.Redis;
using GlusterBus.Runtime.Configuration;
using GlusterBus.Runtime.Telemetry;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlusterBus.Pipeline.Tests.Api;

/// <summary>The API as <c>notify</c> and <c>route</c> have it: state and record in Redis, written here as the owner of the table does.</summary>
[Collection(Alone.Name)]
public sealed class StreamOfRedisTests
{
    private const string Cluster = "prod";
    private static readonly DateTimeOffset Begin = new(2026, 11, 22, 9, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task The_stream_resumes_in_redis_record_and_says_what_is_missing_from_it()
    {
        await using RedisProcess redis = await RedisProcess.StartAsync(Token);
        await using var connection = new RedisConnection(redis.Options, "test", TimeProvider.System);
        var table = new RedisStateTable(Cluster, connection, redis.Options, TimeProvider.System);
        long epoch = (await table.OpenAsync(Token)).Epoch;
        using var folder = new TemporaryFolder();
        using var metrics = new PrometheusExporter();
        var faces = new InstanceFaces("notify", new RedisStateReader(Cluster, connection), new RedisArchive(Cluster, connection, TimeProvider.System), metrics, null, () => null);
        await using InstanceApi api = await InstanceApi.StartAsync(
            new ApiOptions { Socket = folder.File("api.sock"), Dashboard = "0" }, faces, TimeProvider.System, NullLoggerFactory.Instance, Token);
        var server = new Uri($"http://{api.DashboardEndPoint}");

        long position;
        await using (StreamClient client = await StreamClient.ConnectAsync(server))
        {
            await client.SubscribedAsync();
            await CommitAsync(1, 3);
            (await client.IdsAsync(3)).ShouldBe(Ids(1, 3));
            position = client.Position;
        }

        // While nobody listens:
        await CommitAsync(4, 2);
        await using (StreamClient resumed = await StreamClient.ConnectAsync(server, string.Create(CultureInfo.InvariantCulture, $"after={position}")))
        {
            await resumed.SubscribedAsync();
            (await resumed.IdsAsync(2)).ShouldBe(Ids(4, 2));
        }

        // Away for longer than the record reaches:
        await redis.ControlAsync(["XTRIM", RedisKeys.Outbox(Cluster), "MAXLEN", "1"], Token);
        await using (StreamClient late = await StreamClient.ConnectAsync(server, string.Create(CultureInfo.InvariantCulture, $"after={position}")))
        {
            await late.SubscribedAsync();
            JsonElement message = (await late.ReceiveAsync()).ShouldNotBeNull();
            message.GetProperty("missed").GetBoolean().ShouldBeTrue();
            message.GetProperty("transitions").EnumerateArray().Select(t => t.GetProperty("id").GetString()).ShouldBe(Ids(5, 1));
        }

        using var http = new HttpClient { BaseAddress = server };
        using JsonDocument past = JsonDocument.Parse(await http.GetStringAsync("/v1/state?at=2026-11-22T09:00:05Z", Token));
        past.RootElement[0].GetProperty("state").GetString().ShouldBe("started");
        HttpResponseMessage before = await http.GetAsync("/v1/state?at=2026-11-22T09:00:04Z", Token);
        before.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await before.Content.ReadAsStringAsync(Token)).ShouldContain("what was before 2026-11-22T09:00:05.000000Z is not known here");

        async Task CommitAsync(int first, int count)
        {
            foreach (int sequence in Enumerable.Range(first, count))
            {
                await table.CommitAsync(epoch, One(sequence), Token);
            }
        }
    }

    private static IEnumerable<string> Ids(int first, int count) => Enumerable.Range(first, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"{Cluster}/volume/gv0@{i}"));

    /// <summary>A volume that is started and stopped by turns, once a second.</summary>
    private static Commit One(int sequence)
    {
        string state = sequence % 2 == 1 ? "started" : "stopped";
        DateTimeOffset at = Begin.AddSeconds(sequence);
        var entry = new StateEntry { Entity = EntityId.Volume("gv0"), State = state, Sequence = sequence, Since = at, By = "gl1/logs" };
        var transition = new Transition
        {
            Cluster = Cluster,
            Entity = entry.Entity,
            Sequence = sequence,
            Change = state,
            Previous = sequence == 1 ? null : sequence % 2 == 1 ? "stopped" : "started",
            Current = state,
            Severity = EntityKinds.Of(entry.Entity)!.SeverityOf(state),
            Reason = TransitionReason.StateChanged,
            Time = at,
            RecordedAt = at,
        };
        return new Commit([entry], [new RecordedTransition(transition, IsAnnounced: true)], ImmutableDictionary<string, AppliedSequence>.Empty);
    }
}
