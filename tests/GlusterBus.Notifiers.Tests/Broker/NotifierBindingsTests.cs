using FsCheck;
using FsCheck.Fluent;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Topology;
using GlusterBus.Notifiers.Broker;
using GlusterBus.TestKit;

namespace GlusterBus.Notifiers.Tests.Broker;

public sealed class NotifierBindingsTests
{
    private static readonly string[] Kinds = ["volume", "brick", "node"];
    private static readonly string[] Clusters = ["lab", "prod.eu", "a%b"];
    private static readonly string[] Names = ["gv0", "gv0.old", "gv0/n1:/srv/b", "x/" + new string('p', 300)];

    [Theory]
    [InlineData("", "", "", "glusterbus.all #")]
    [InlineData("", "all,brick", "", "glusterbus.all #")]
    [InlineData("", "brick,node", "", "glusterbus.brick #, glusterbus.node #")]
    [InlineData("prod.eu,lab", "", "", "glusterbus.all lab.#, glusterbus.all prod%2Eeu.#")]
    [InlineData("", "", "volume/gv0", "glusterbus.volume *.gv0.*")]
    [InlineData("lab", "", "volume/gv0.old,brick/gv0/*", "glusterbus.brick lab.#, glusterbus.volume lab.gv0%2Eold.*")]
    [InlineData("", "brick", "volume/gv0", "")]
    [InlineData("", "brick", "*gv0*", "glusterbus.brick #")]
    [InlineData("", "", "nothing/gv0", "")]
    public void A_filter_is_bound_as_narrowly_as_it_can_be(string clusters, string channels, string entities, string expected)
    {
        var filter = new TransitionFilter { Clusters = Words(clusters), Channels = Words(channels), Entities = Words(entities) };
        string.Join(", ", NotifierBindings.Of(filter).Select(b => $"{b.Exchange} {b.RoutingKey}").Order(StringComparer.Ordinal)).ShouldBe(expected);
    }

    [Fact]
    public void Whatever_a_filter_matches_is_bound() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(2000),
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new Random(seed);
            var filter = new TransitionFilter
            {
                Clusters = Some(random, Clusters),
                Channels = Some(random, [.. Kinds, "all"]),
                Entities = Some(random, [.. Kinds.SelectMany(kind => Names.Select(name => $"{kind}/{name}")), "*", "brick/*", "*/gv0", "vol*"]),
            };
            Transition transition = SampleTransitions.Brick() with { Cluster = Pick(random, Clusters), Entity = EntityId.Parse($"{Pick(random, Kinds)}/{Pick(random, Names)}") };
            return !filter.Matches(transition) || NotifierBindings.Of(filter).Any(binding => Passes(binding, transition));
        }));

    [Theory]
    [InlineData("ops", null)]
    [InlineData("ops.error", "a notifier's name may not end with \".error\", which is kept for the queues beside its own")]
    [InlineData("ops.bindings", "a notifier's name may not end with \".bindings\", which is kept for the queues beside its own")]
    public void A_name_that_belongs_to_another_queue_is_refused(string name, string? problem) => NotifierNames.Problem(name)?.ToString().ShouldBe(problem is null ? null : $"configuration: notifiers.{name}: {problem}");

    private static bool Passes(NotifierBinding binding, Transition transition) =>
        (binding.Exchange == BrokerNames.AllChannel || binding.Exchange == BrokerNames.Channel(transition.Entity.Kind))
        && Matches(binding.RoutingKey.Split('.'), ChannelKey.Of(transition).Split('.'));

    /// <summary>The broker's rule: * is one word, # any number.</summary>
    private static bool Matches(ReadOnlySpan<string> pattern, ReadOnlySpan<string> words) =>
        pattern.IsEmpty ? words.IsEmpty
        : pattern[0] == "#" ? Matches(pattern[1..], words) || (!words.IsEmpty && Matches(pattern, words[1..]))
        : !words.IsEmpty && (pattern[0] == "*" || pattern[0] == words[0]) && Matches(pattern[1..], words[1..]);

    private static string[] Some(Random random, string[] from) => [.. from.Where(_ => random.Next(4) == 0)];

    private static string Pick(Random random, string[] from) => from[random.Next(from.Length)];

    private static string[] Words(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries);
}
