using System.Text.Json;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Topology;
using GlusterBus.Notifiers.Broker;
using GlusterBus.Runtime.Bus;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace GlusterBus.Pipeline.Tests.Verbs;

/// <summary>One broker for the tests of a class.</summary>
public sealed class DlqFixture : IAsyncLifetime
{
    public RabbitMqProcess Broker { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Broker = await RabbitMqProcess.StartAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => Broker.DisposeAsync();
}

/// <summary><c>dlq</c> as the built executable, against a real broker.</summary>
public sealed class DlqTests(DlqFixture fixture) : IClassFixture<DlqFixture>, IAsyncLifetime
{
    private static int _count;

    private readonly string _host = $"d{Interlocked.Increment(ref _count)}";
    private Sandbox _sandbox = null!;
    private IConnection _connection = null!;
    private IChannel _channel = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await fixture.Broker.ControlAsync(["add_vhost", _host], Token);
        await fixture.Broker.ControlAsync(["set_permissions", "-p", _host, "guest", ".*", ".*", ".*"], Token);
        _sandbox = new Sandbox($$"""
            "rabbitMq": { "hosts": ["127.0.0.1:{{fixture.Broker.Port}}"], "virtualHost": "{{_host}}" },
              "notifiers": { "ops": { "plugin": "script", "command": ["/bin/sh", "-c", "[ -e \"$MENDED\" ] && cat >> \"$SINK\" && echo >> \"$SINK\" || { echo the ticket system says no >&2; exit 100; }"] } }
            """);
        _connection = await BrokerConnection.OpenAsync(fixture.Broker.Options with { VirtualHost = _host }, "test", Token);
        _channel = await BrokerConnection.OpenChannelAsync(_connection, 256, Token);
        await BrokerTopology.DeclareChannelsAsync(_channel, Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        _sandbox.Dispose();
    }

    [Fact(Timeout = 300_000)]
    public async Task What_a_receiver_refused_is_listed_shown_and_delivered_after_a_retry()
    {
        _sandbox.Environment["MENDED"] = _sandbox.FileAt("mended");
        _sandbox.Environment["SINK"] = _sandbox.FileAt("sink");
        await DeclareAsync();
        Transition[] transitions = [.. SampleTransitions.Bricks(3, 3)];
        foreach (Transition transition in transitions)
        {
            await _channel.BasicPublishAsync(
                BrokerNames.Channel("brick"), ChannelKey.Of(transition), mandatory: true, new BasicProperties { Persistent = true, MessageId = transition.Id }, TransitionJson.Write(transition), Token);
        }

        await using Executable notify = _sandbox.Start("notify");
        await UntilParkedAsync(3);

        (int code, string list, string error) = await _sandbox.RunAsync("dlq", "list");
        (code, error).ShouldBe((0, ""));
        list.ShouldMatch("""^ *name +count +parked since +last reason *\n *ops +3 +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +/bin/sh ended with code 100: the ticket system says no *\n *router +0 *\n$""");
        using JsonDocument row = JsonDocument.Parse((await _sandbox.RunAsync("dlq", "list", "--json")).Output.Split('\n')[0]);
        row.RootElement.GetProperty("count").GetInt32().ShouldBe(3);
        row.RootElement.GetProperty("queue").GetString().ShouldBe("glusterbus.notify.ops.error");

        string[] shown = (await _sandbox.RunAsync("dlq", "show", "ops", "--json")).Output.TrimEnd('\n').Split('\n');
        shown.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("id").GetString()).ShouldBe(transitions.Select(t => t.Id));
        (await _sandbox.RunAsync("dlq", "show", "ops", "--id", transitions[1].Id)).Output.ShouldStartWith(
            $"{transitions[1].Id}\n  reason  /bin/sh ended with code 100: the ticket system says no\n  parked  ");

        File.WriteAllText(_sandbox.FileAt("mended"), "");
        (code, string output, error) = await _sandbox.RunAsync("dlq", "retry", "ops", "--all");

        (code, output, error).ShouldBe((0, "", "3 sent back to glusterbus.notify.ops\n"));
        while (!File.Exists(_sandbox.FileAt("sink")) || File.ReadAllLines(_sandbox.FileAt("sink")).Length < 3)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }

        File.ReadAllLines(_sandbox.FileAt("sink")).Select(line => TransitionJson.Parse(System.Text.Encoding.UTF8.GetBytes(line)).Id).ShouldBe(transitions.Select(t => t.Id));
        (await _sandbox.RunAsync("dlq", "show", "ops")).Error.ShouldBe("nothing rests in glusterbus.notify.ops.error\n");
    }

    [Fact(Timeout = 300_000)]
    public async Task A_retry_that_is_killed_at_any_moment_loses_nothing_and_repeats_only_the_same_id()
    {
        const int Count = 6000;
        await DeclareAsync();
        string[] ids = [.. SampleTransitions.Bricks(Count, 50).Select(t => t.Id)];
        await ParkAsync(SampleTransitions.Bricks(Count, 50));
        foreach (uint moment in (uint[])[1, 900, 2000, 3500])
        {
            await using Executable retry = _sandbox.Start("dlq", "retry", "ops", "--all");
            while (await _channel.MessageCountAsync("glusterbus.notify.ops", Token) < moment)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Token);
            }

            retry.Signal("KILL");
            (await retry.EndAsync()).ShouldBe(137);
        }

        // The broker notices the end of a killed process by its closed connection, and gives back then.
        int code = (await _sandbox.RunAsync("dlq", "retry", "ops", "--all")).Code;
        while (await _channel.MessageCountAsync("glusterbus.notify.ops.error", Token) > 0)
        {
            code = (await _sandbox.RunAsync("dlq", "retry", "ops", "--all")).Code;
        }

        code.ShouldBe(0);
        IReadOnlyList<string> back = await DrainAsync();
        back.Distinct().Order(StringComparer.Ordinal).ShouldBe(ids.Order(StringComparer.Ordinal));
        (back.Count - Count).ShouldBeInRange(0, 4 * 256, "what was under way");
    }

    [Fact(Timeout = 300_000)]
    public async Task A_drop_asks_before_and_takes_only_a_yes_for_an_answer()
    {
        await DeclareAsync();
        await ParkAsync(SampleTransitions.Bricks(5, 5));
        string id = SampleTransitions.Bricks(5, 5).ElementAt(2).Id;

        (int code, _, string error) = await Answering("", "dlq", "drop", "ops", "--all");
        (code, error).ShouldBe((1, "throw away everything in glusterbus.notify.ops.error (5) for good? [y/N] \nglusterbus: nothing was thrown away; answer y, or add --yes\n"));
        (code, _, error) = await Answering("n\n", "dlq", "drop", "ops", "--all");
        code.ShouldBe(1);
        (await CountAsync()).ShouldBe(5u);

        (code, _, error) = await Answering("y\n", "dlq", "drop", "ops", "--id", id);
        (code, error).ShouldBe((0, $"throw away '{id}' in glusterbus.notify.ops.error for good? [y/N] \n1 thrown away from glusterbus.notify.ops.error, 4 stay\n"));
        (code, _, error) = await _sandbox.RunAsync("dlq", "drop", "ops", "--all", "--yes");
        (code, error).ShouldBe((0, "4 thrown away from glusterbus.notify.ops.error\n"));
        (await CountAsync()).ShouldBe(0u);
        (await _channel.MessageCountAsync("glusterbus.notify.ops", Token)).ShouldBe(0u);
    }

    [Fact(Timeout = 300_000)]
    public async Task What_has_nowhere_to_go_back_to_stays_and_what_to_start_is_told()
    {
        await DeclareAsync();
        await ParkAsync(SampleTransitions.Bricks(2, 2));
        await _channel.QueueDeleteAsync("glusterbus.notify.ops", cancellationToken: Token);

        (int code, _, string error) = await _sandbox.RunAsync("dlq", "retry", "ops", "--all");

        (code, error).ShouldBe((1, "glusterbus: glusterbus.notify.ops does not exist on the broker; start `glusterbus notify` with the notifier 'ops' once, which makes it\n"));
        (await CountAsync()).ShouldBe(2u);
    }

    [Fact(Timeout = 300_000)]
    public async Task An_id_or_a_name_that_nobody_knows_is_told_with_those_there_are()
    {
        await DeclareAsync();
        await ParkAsync(SampleTransitions.Bricks(1, 1));

        (int code, _, string error) = await _sandbox.RunAsync("dlq", "retry", "ops", "--id", "lab/x@1");
        (code, error).ShouldBe((1, "glusterbus: nothing in glusterbus.notify.ops.error has the id 'lab/x@1'; `glusterbus dlq show ops` tells the ids\n"));
        (code, _, error) = await _sandbox.RunAsync("dlq", "show", "opps");
        (code, error).ShouldBe((2, $"glusterbus: there is no error queue of 'opps', neither in {_sandbox.Config} nor on the broker; did you mean 'ops'? there are: ops, router\n"));
    }

    [Fact(Timeout = 300_000)]
    public async Task An_account_for_notifiers_alone_is_told_what_it_lacks_for_the_router_s_queue()
    {
        BrokerPermissions least = BrokerPermissions.Notifier;
        await fixture.Broker.ControlAsync(["add_user", _host, "secret"], Token);
        await fixture.Broker.ControlAsync(["set_permissions", "-p", _host, _host, least.Configure, least.Write, least.Read], Token);
        _sandbox.Environment["GLUSTERBUS__RABBITMQ__USER"] = _host;
        _sandbox.Environment["GLUSTERBUS__RABBITMQ__PASSWORD"] = "secret";
        await BrokerTopology.DeclareErrorQueueAsync(_channel, BrokerNames.RejectedObservations, Token);
        await _channel.BasicPublishAsync("", BrokerNames.RejectedObservations, mandatory: true, new BasicProperties(), "{ nonsense"u8.ToArray(), Token);

        (int code, string list, string error) = await _sandbox.RunAsync("dlq", "list", "--json");
        (int showCode, _, string showError) = await _sandbox.RunAsync("dlq", "show", "router");

        (code, error).ShouldBe((0, ""));
        JsonElement router = JsonDocument.Parse(list.Split('\n')[1]).RootElement;
        router.GetProperty("count").GetInt32().ShouldBe(1);
        router.GetProperty("problem").GetString()!.ShouldContain("rabbitmqctl set_permissions");
        showCode.ShouldBe(1);
        showError.ShouldContain(BrokerPermissions.Router.Command(_host, _host));
        showError.TrimEnd('\n').ShouldNotContain("\n");
        showError.ShouldNotContain("secret");
    }

    [Fact(Timeout = 300_000)]
    public async Task Without_a_broker_one_line_tells_what_to_start()
    {
        using var sandbox = new Sandbox("\"rabbitMq\": { \"hosts\": [\"127.0.0.1:1\"] }");

        (int code, string output, string error) = await sandbox.RunAsync("dlq", "list");

        (code, output).ShouldBe((1, ""));
        error.ShouldBe("glusterbus: no connection to the broker at 127.0.0.1:1: Connection refused; start RabbitMQ there (systemctl start rabbitmq-server), let its port through, or set rabbitMq.hosts\n");
    }

    private Task<(int Code, string Output, string Error)> Answering(string answer, params string[] arguments)
    {
        File.WriteAllText(_sandbox.FileAt("answer"), answer);
        return Executable.RunAsync(_sandbox.Environment, _sandbox.FileAt("answer"), [.. arguments, "--config", _sandbox.Config]);
    }

    private async Task DeclareAsync()
    {
        await using BrokerDeliveryQueues queues = BrokerDeliveryQueues.Start(
            fixture.Broker.Options with { VirtualHost = _host }, new Dictionary<string, TransitionFilter> { ["ops"] = TransitionFilter.All }, "test", TimeProvider.System, NullLoggerFactory.Instance);
        await queues.OpenAsync("ops", Token);
    }

    private async Task ParkAsync(IEnumerable<Transition> transitions)
    {
        foreach (Transition[] some in transitions.Chunk(100))
        {
            await Task.WhenAll(some.Select(transition => _channel.BasicPublishAsync(
                "glusterbus.notify.ops.error",
                ChannelKey.Of(transition),
                mandatory: true,
                new BasicProperties
                {
                    Persistent = true,
                    MessageId = transition.Id,
                    Headers = new Dictionary<string, object?> { [BrokerNames.ReasonHeader] = "no", [BrokerNames.ParkedAtHeader] = "2026-11-22T09:16:40Z" },
                },
                TransitionJson.Write(transition),
                Token).AsTask()));
        }
    }

    /// <summary>The ids of all that waits for the notifier.</summary>
    private async Task<IReadOnlyList<string>> DrainAsync()
    {
        uint count = await _channel.MessageCountAsync("glusterbus.notify.ops", Token);
        List<string> ids = [];
        var complete = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var consumer = new AsyncEventingBasicConsumer(_channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            ids.Add(delivery.BasicProperties.MessageId!);
            return Task.FromResult(ids.Count == count && complete.TrySetResult());
        };
        await _channel.BasicConsumeAsync("glusterbus.notify.ops", autoAck: true, consumer, Token);
        await complete.Task.WaitAsync(Token);
        return ids;
    }

    private async Task<uint> CountAsync() => await _channel.MessageCountAsync("glusterbus.notify.ops.error", Token);

    private async Task UntilParkedAsync(uint count)
    {
        while (await CountAsync() < count)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }
    }
}
