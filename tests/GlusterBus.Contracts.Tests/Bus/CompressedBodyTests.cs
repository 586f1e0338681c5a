using System.Buffers.Binary;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GlusterBus.Runtime.Bus;
using RabbitMQ.Client;

namespace GlusterBus.Contracts.Tests.Bus;

/// <summary>Bodies that travel compressed, and those that only say so.</summary>
public sealed class CompressedBodyTests
{
    private static readonly BasicProperties Compressed = new() { ContentEncoding = "gzip" };

    [Fact]
    public void What_is_compressed_reads_back_the_same_whatever_the_output_held_before() =>
        Prop.ForAll(Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf().ToArbitrary(), Gen.Choose(0, 40_000).ToArbitrary(), (bytes, repetitions) =>
        {
            byte[] body = [.. bytes, .. Enumerable.Repeat((byte)'x', repetitions)];
            var output = new MemoryStream();
            output.Write(new byte[100_000]);

            return Read(Compressed, CompressedBody.Compress(body, output)).SequenceEqual(body);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_batch_shrinks_to_a_fifth_or_less()
    {
        byte[] body = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 500).Select(i =>
            $$$"""{"entity":"brick/gv0/gl{{{i % 7}}}:/srv/b{{{i}}}","state":"offline","evidence":"[2026-11-22 09:16:38.{{{i * 37}}}] Brick {{{i}}} has disconnected"},""")));

        CompressedBody.Compress(body, new MemoryStream()).Length.ShouldBeLessThan(body.Length / 5);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("identity")]
    [InlineData("utf-8")]
    public void What_is_not_compressed_is_read_as_it_is(string? encoding) =>
        Read(new BasicProperties { ContentEncoding = encoding }, "{}"u8.ToArray()).ShouldBe("{}"u8.ToArray());

    [Fact]
    public void An_encoding_that_is_not_known_is_named() =>
        Problem(new BasicProperties { ContentEncoding = "br" }, "{}"u8.ToArray()).ShouldBe("the content encoding 'br' is not known here; it is gzip, or none");

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"cluster\":\"prod\",\"node\":\"gl1\",\"batches\":[]}")]
    public void What_only_says_that_it_is_compressed_is_refused(string body) =>
        Should.Throw<FormatException>(() => Read(Compressed, Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void What_is_cut_anywhere_is_refused()
    {
        ReadOnlyMemory<byte> whole = CompressedBody.Compress("a body that is not very long, and long enough"u8, new MemoryStream());
        for (int length = 0; length < whole.Length; length++)
        {
            Should.Throw<FormatException>(() => Read(Compressed, whole[..length]), $"cut to {length}");
        }
    }

    [Fact]
    public void What_says_that_it_holds_more_than_may_be_is_refused_before_it_is_expanded()
    {
        byte[] body = CompressedBody.Compress(new byte[1000], new MemoryStream()).ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(^4), CompressedBody.MaximumLength + 1);

        Problem(Compressed, body).ShouldBe($"the body holds {CompressedBody.MaximumLength + 1} bytes when expanded; {CompressedBody.MaximumLength} may be");
    }

    [Fact]
    public void What_holds_more_than_it_says_is_refused()
    {
        byte[] body = CompressedBody.Compress(new byte[1000], new MemoryStream()).ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(^4), 10);

        Should.Throw<FormatException>(() => Read(Compressed, body));
    }

    private static byte[] Read(BasicProperties properties, ReadOnlyMemory<byte> body) => CompressedBody.Read(properties, body, static bytes => bytes.ToArray());

    private static string Problem(BasicProperties properties, ReadOnlyMemory<byte> body) => Should.Throw<FormatException>(() => Read(properties, body)).Message;
}
