using System.Text;
using GlusterBus.Collectors.LogTail;

namespace GlusterBus.Collectors.Tests.LogTail;

public sealed class LineTests : IDisposable
{
    private const string Log = "glusterd.log";
    private readonly TailedFolder _folder = new();

    public LineTests() => _folder.Start();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_partial_line_waits_for_its_end()
    {
        _folder.Write(Log, "one");
        _folder.WriteRaw(Log, _folder.Stamp() + "tw");
        _folder.Settle();
        Expect("one");
        _folder.WriteRaw(Log, "o\n");
        _folder.Poll();
        Expect("one", "two");
    }

    [Fact]
    public void A_file_without_a_complete_line_is_waited_for_even_across_rotation()
    {
        _folder.WriteRaw(Log, _folder.Stamp() + "o");
        _folder.Settle();
        _folder.Rename(Log, Log + ".1");
        _folder.Poll();
        _folder.WriteRaw(Log + ".1", "ne\n");
        _folder.Poll();
        Expect("one");
    }

    [Fact]
    public void The_sequence_is_the_offset_after_the_line()
    {
        _folder.Write(Log, "one", "two");
        _folder.Settle();
        _folder.New[^1].Sequence.ShouldBe(new FileInfo(_folder.PathOf(Log)).Length);
        _folder.Batches[0].Stream.ShouldMatch("^gl1/logs/glusterd\\.log#[0-9a-f]{16}$");
    }

    [Fact]
    public void A_line_longer_than_the_bound_is_cut_and_counts_once()
    {
        _folder.Write(Log, "one", new string('x', 3000), "two");
        _folder.Settle();
        _folder.Lines.Count().ShouldBe(3);
        _folder.Lines.ElementAt(1).Length.ShouldBeInRange(900, 1024);
        _folder.Lines.Last().ShouldBe("two");
    }

    [Fact]
    public void A_line_of_one_megabyte_arriving_in_pieces_counts_once()
    {
        _folder.Write(Log, "one");
        _folder.WriteRaw(Log, _folder.Stamp() + new string('x', 500_000));
        _folder.Settle();
        _folder.WriteRaw(Log, new string('x', 548_576));
        _folder.Poll();
        Expect("one");
        _folder.WriteRaw(Log, "\n" + _folder.Stamp() + "two\n");
        _folder.Poll();
        _folder.Lines.Count().ShouldBe(3);
        _folder.Lines.Last().ShouldBe("two");
    }

    [Fact]
    public void NUL_bytes_and_broken_UTF8_do_no_harm()
    {
        _folder.Write(Log, "one");
        _folder.WriteRaw(Log, [.. new byte[300], .. Encoding.ASCII.GetBytes(_folder.Stamp()), (byte)'a', 0, 0xff, 0xc3, (byte)'b', (byte)'\n']);
        _folder.WriteRaw(Log, new byte[100_000]);
        _folder.Write(Log, "two");
        _folder.Settle();
        Expect("one", "a\0\ufffd\ufffdb", "two");
    }

    [Fact]
    public void Continuation_lines_are_no_records()
    {
        _folder.Write(Log, "one");
        _folder.WriteRaw(Log, "Final graph:\n  1: option password [x] I secret\n] I secret\n");
        _folder.WriteRaw(Log, "The message \"[x] I two\" repeated 3 times\n");
        _folder.Settle();
        _folder.Lines.Count().ShouldBe(2);
        _folder.Lines.ShouldNotContain(line => line.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public void A_burst_comes_in_bounded_batches_and_is_never_held_in_memory_beyond_one()
    {
        _folder.Write(Log, [.. Enumerable.Range(0, 5000).Select(i => $"line {i}")]);
        _folder.Settle();
        _folder.Lines.ShouldBe(Enumerable.Range(0, 5000).Select(i => $"line {i}"));
    }

    [Theory]
    [InlineData("[2026-11-22 09:15:57.868155 +0000] I x", "2026-11-22T09:15:57.868155Z")]
    [InlineData("[2026-11-22 09:15:57.868155 +0130] I x", "2026-11-22T07:45:57.868155Z")]
    [InlineData("[2019-11-22 09:15:57.868155] I x", "2019-11-22T09:15:57.868155Z")]
    [InlineData("The message \"I x\" repeated 2 times between [2026-11-22 09:15:57.868155 +0000] and [2026-11-22 09:16:00.000001 +0000]", "2026-11-22T09:16:00.000001Z")]
    [InlineData("[yesterday] I x", null)]
    public void The_stamp_of_a_record_is_read(string line, string? expected) =>
        LogHead.StampOf(Encoding.UTF8.GetBytes(line)).ShouldBe(expected is null ? null : DateTimeOffset.Parse(expected, null));

    private void Expect(params string[] lines) => _folder.Lines.ShouldBe(lines);
}
