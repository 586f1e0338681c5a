using FsCheck;
using FsCheck.Fluent;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Contracts.Tests.Messages;

/// <summary>What holds for every message.</summary>
public sealed class ObservationJsonLaws
{
    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static Gen<string> Text => Gen.OneOf(
        Gen.Elements("online", "gl1", "logs", "ü", "a \"quoted\" \\ text", "日本", "🧱", "", "line\nbreak\t\u0001", "<&'>"),
        Gen.Choose(32, 0xD7FF).ListOf().Select(codes => string.Concat(codes.Select(code => (char)code))));

    private static Gen<DateTimeOffset> Time => Gen.Choose(0, int.MaxValue).Two().Select(pair => Epoch.AddSeconds(pair.Item1 / 100).AddMicroseconds(pair.Item2));

    private static Gen<long> Number => Gen.OneOf(Gen.Choose(0, 9).Select(n => (long)n), Gen.Elements(0L, long.MaxValue, long.MinValue, 1795338000000000));

    private static Gen<Observation> Observations =>
        from entity in Gen.Elements("volume/gv0", "brick/gv0/gl1:/b 1/ü", "cluster/all", "peer/gl1/gl2")
        from texts in Text.ArrayOf(8)
        from attributes in Text.Two().ListOf()
        from unless in Text.ListOf()
        from flags in Gen.Elements(true, false).ArrayOf(8)
        from times in Time.Two()
        from sequence in Number
        from count in Gen.Choose(1, 200)
        from severity in Gen.Elements(Enum.GetValues<Severity>())
        select new Observation
        {
            Entity = EntityId.Parse(entity),
            State = flags[0] ? texts[0] : null,
            Occurrence = flags[1] ? texts[1] : null,
            OccurrenceSeverity = flags[1] ? severity : Severity.Info,
            Attributes = attributes.DistinctBy(a => a.Item1).ToDictionary(a => a.Item1, a => a.Item2.Length % 3 == 0 ? null : a.Item2, StringComparer.Ordinal),
            Change = flags[2] ? texts[2] : null,
            Unless = unless,
            Weight = flags[3] ? Weight.Hint : Weight.Fact,
            Trusted = flags[4],
            Source = texts[3],
            Node = texts[4],
            ObservedAt = times.Item1,
            Sequence = sequence,
            Count = count,
            Evidence = flags[5] ? new Evidence(texts[5], texts[6], flags[6] ? texts[7] : null, flags[7] ? texts[4] : "elsewhere", flags[6] ? times.Item1 : times.Item2) : null,
            Actor = flags[6] ? new Actor(texts[7], texts[4]) : null,
        };

    private static Gen<ObservationMessage> Messages =>
        from cluster in Text
        from node in Text
        from generation in Text
        from flags in Gen.Elements(true, false).ArrayOf(3)
        from time in Time
        from numbers in Number.ArrayOf(4)
        from batches in Observations.ListOf().ArrayOf(2)
        select new ObservationMessage
        {
            Cluster = cluster,
            Node = node,
            Generation = flags[0] ? generation : null,
            ClockBehind = flags[1] ? TimeSpan.FromMilliseconds((int)numbers[0]) / 10 : null,
            Heartbeat = flags[1] ? new Heartbeat(time, flags[2]) : null,
            Batches = [.. batches.Select((observations, i) => new ObservationBatch
            {
                Stream = node + i,
                Epoch = numbers[i],
                Observations = observations,
                TraceParent = flags[0] ? $"00-0af7651916cd43dd8448eb211c80319{i}-b7ad6b7169203331-01" : null,
                Snapshot = flags[2] ? new Snapshot(node, [.. observations.Select(o => o.Entity.Value)], flags[0], time, "get_state") : null,
            })],
        };

    [Fact]
    public void Every_message_reads_back_as_it_was_written() =>
        Prop.ForAll(Messages.ToArbitrary(), message => ShouldEqual(ObservationJson.Parse(ObservationJson.Write(message)), message))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Arbitrary_bytes_are_refused_and_nothing_worse() =>
        Prop.ForAll(Gen.Choose(0, 255).ListOf().Select(bytes => bytes.Select(b => (byte)b).ToArray()).ToArbitrary(), ShouldBeReadOrRefused)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void A_damaged_message_is_read_or_refused_and_nothing_worse()
    {
        Gen<byte[]> damaged =
            from message in Messages
            from place in Gen.Choose(0, int.MaxValue)
            from value in Gen.Choose(0, 255)
            from kind in Gen.Choose(0, 3)
            select Damage(ObservationJson.Write(message), place, (byte)value, kind);

        Prop.ForAll(damaged.ToArbitrary(), ShouldBeReadOrRefused).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    private static byte[] Damage(byte[] bytes, int place, byte value, int kind)
    {
        int at = place % bytes.Length;
        return kind switch
        {
            0 => bytes[..at],
            1 => [.. bytes[..at], .. bytes[(at + 1)..]],
            2 => [.. bytes[..at], value, .. bytes[at..]],
            _ => [.. bytes[..at], value, .. bytes[(at + 1)..]],
        };
    }

    private static void ShouldBeReadOrRefused(byte[] bytes)
    {
        try
        {
            ObservationJson.Parse(bytes);
        }
        catch (FormatException e)
        {
            e.Message.ShouldStartWith("not an observation message: ");
        }

        try
        {
            ObservationJson.ParseReply(bytes);
        }
        catch (FormatException e)
        {
            e.Message.ShouldStartWith("not an answer to a heartbeat: ");
        }
    }

    private static void ShouldEqual(ObservationMessage read, ObservationMessage written)
    {
        (read with { Batches = [] }).ShouldBe(written with { Batches = [] });
        read.Batches.Count.ShouldBe(written.Batches.Count);
        foreach ((ObservationBatch one, ObservationBatch other) in read.Batches.Zip(written.Batches))
        {
            (one.Stream, one.Epoch, one.TraceParent).ShouldBe((other.Stream, other.Epoch, other.TraceParent));
            (one.Snapshot is { } s ? s with { Scopes = [] } : null).ShouldBe(other.Snapshot is { } t ? t with { Scopes = [] } : null);
            (one.Snapshot?.Scopes ?? []).ShouldBe(other.Snapshot?.Scopes ?? []);
            one.Observations.Count.ShouldBe(other.Observations.Count);
            foreach ((Observation a, Observation b) in one.Observations.Zip(other.Observations))
            {
                Bare(a).ShouldBe(Bare(b));
                a.Unless.ShouldBe(b.Unless);
                a.Attributes.OrderBy(p => p.Key, StringComparer.Ordinal).ShouldBe(b.Attributes.OrderBy(p => p.Key, StringComparer.Ordinal));
            }
        }
    }

    private static Observation Bare(Observation observation) => observation with { Unless = Array.Empty<string>(), Attributes = Observation.NoAttributes };
}
