using GlusterBus.Contracts.Messages;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Samples;

/// <summary>The programs in <c>samples/</c>, as they are, on a real broker and with the account that docs/security.md gives them.</summary>
public sealed class SampleTests(SampleBroker broker) : IClassFixture<SampleBroker>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Languages => [.. RunningSample.Languages];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task What_is_published_is_printed_once_although_it_comes_twice(string language)
    {
        string cluster = "once-" + language;
        await using RunningSample sample = Start(language, "glusterbus.all", cluster + ".#");
        await broker.PublishAsync(Transition(cluster, 1), Token);
        await broker.PublishAsync(Transition(cluster, 1), Token);
        await broker.PublishAsync(Transition(cluster, 2), Token);

        (await sample.NextAsync(Token)).ShouldBe($"{cluster}/brick/rv/gl2:/srv/rv1@1 offline");
        (await sample.NextAsync(Token)).ShouldBe($"{cluster}/brick/rv/gl2:/srv/rv1@2 online");
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task A_routing_key_chooses_what_is_printed(string language)
    {
        string cluster = "key-" + language;
        await using RunningSample sample = Start(language, "glusterbus.brick", cluster + ".*.online");
        await broker.PublishAsync(Transition(cluster, 2), Token);
        (await sample.NextAsync(Token)).ShouldEndWith("@2 online");

        // The one that nobody wants is returned, as a message that is mandatory.
        await Should.ThrowAsync<RabbitMQ.Client.Exceptions.PublishException>(() =>
            broker.PublishAsync("glusterbus.brick", cluster + ".rv.offline", TransitionJson.Write(Transition(cluster, 3)), Token));
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task A_durable_one_that_was_killed_prints_what_it_missed_and_nothing_again(string language)
    {
        string cluster = "durable-" + language;
        string queue = SampleBroker.Account + "." + cluster;
        await using (RunningSample first = await StartDurableAsync(language, cluster, queue))
        {
            await broker.PublishAsync(Transition(cluster, 1), Token);
            (await first.NextAsync(Token)).ShouldEndWith("@1 offline");
            await broker.UntilEmptyAsync(queue, Token);
            await first.KillAsync();
        }

        await broker.PublishAsync(Transition(cluster, 2), Token);
        await broker.PublishAsync(Transition(cluster, 3), Token);
        await using RunningSample second = Start(language, "glusterbus.brick", cluster + ".#", queue);
        (await second.NextAsync(Token)).ShouldEndWith("@2 online");
        (await second.NextAsync(Token)).ShouldEndWith("@3 offline");
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task A_durable_one_comes_back_after_the_broker_was_lost(string language)
    {
        string cluster = "lost-" + language;
        string queue = SampleBroker.Account + "." + cluster;
        await using RunningSample sample = await StartDurableAsync(language, cluster, queue);
        await broker.PublishAsync(Transition(cluster, 1), Token);
        (await sample.NextAsync(Token)).ShouldEndWith("@1 offline");
        broker.Line.Refuse();
        broker.Line.Reset();
        await broker.PublishAsync(Transition(cluster, 2), Token);
        await sample.UntilErrorAsync("the broker is away or refuses", Token);
        broker.Line.Accept();

        (await sample.NextAsync(Token)).ShouldEndWith("@2 online");
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task A_message_that_is_no_transition_stops_nothing(string language)
    {
        string cluster = "strange-" + language;
        await using RunningSample sample = Start(language, "glusterbus.brick", cluster + ".#");
        await broker.PublishAsync(Transition(cluster, 1), Token);
        await broker.PublishAsync("glusterbus.brick", cluster + ".rv.offline", "no JSON"u8.ToArray(), Token);
        await broker.PublishAsync("glusterbus.brick", cluster + ".rv.offline", "{}"u8.ToArray(), Token);
        await broker.PublishAsync(Transition(cluster, 2), Token);

        (await sample.NextAsync(Token)).ShouldEndWith("@1 offline");
        (await sample.NextAsync(Token)).ShouldEndWith("@2 online");
        await sample.UntilErrorAsync("dropped what is no transition", Token);
    }

    [Theory]
    [InlineData("python/consumer.py")]
    [InlineData("amqp-tools/consumer.sh")]
    [InlineData("csharp/Program.cs")]
    [InlineData("csharp/Transition.cs")]
    public void A_sample_is_short_enough_to_be_read(string file) =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "samples", file)).Count().ShouldBeLessThanOrEqualTo(60);

    private static Transition Transition(string cluster, long sequence) => SampleTransitions.Brick(sequence) with { Cluster = cluster };

    private RunningSample Start(string language, string exchange, string key, string? queue = null) =>
        RunningSample.Start(language, _folder, broker.Line.Port, exchange, key, queue);

    /// <summary>amqp-tools can't bind a queue that stays: an administrator does, as its sample says.</summary>
    private async Task<RunningSample> StartDurableAsync(string language, string cluster, string queue)
    {
        RunningSample sample = Start(language, "glusterbus.brick", cluster + ".#", queue);
        if (language == "amqp-tools")
        {
            await broker.UntilDeclaredAsync(queue, Token);
            await broker.BindAsync(queue, "glusterbus.brick", cluster + ".#", Token);
        }

        return sample;
    }
}
