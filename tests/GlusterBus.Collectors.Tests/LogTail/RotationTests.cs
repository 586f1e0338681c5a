using GlusterBus.Collectors.LogTail;

namespace GlusterBus.Collectors.Tests.LogTail;

public sealed class RotationTests : IDisposable
{
    private const string Log = "glusterd.log";
    private readonly TailedFolder _folder = new();

    public RotationTests()
    {
        _folder.Start();
        _folder.Write(Log, "one", "two");
        _folder.Clock.Advance(TimeSpan.FromSeconds(2));
        _folder.Poll();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Lines_come_once_and_in_order()
    {
        _folder.Write(Log, "three");
        _folder.Poll();
        _folder.Poll();
        _folder.Batches.Count.ShouldBe(2);
        Expect("one", "two", "three");
    }

    [Theory]
    [InlineData("glusterd.log.1")]
    [InlineData("glusterd.log.1795339996")]
    [InlineData("glusterd.log-20261122")]
    [InlineData("glusterd-20261122.log")]
    public void A_renamed_file_is_read_to_its_end_before_its_successor(string name)
    {
        _folder.Write(Log, "three");
        _folder.Rename(Log, name);
        _folder.Write(name, "four");
        _folder.Write(Log, "five");
        _folder.Settle();
        Expect("one", "two", "three", "four", "five");
    }

    [Fact]
    public void A_writer_that_has_not_heard_of_the_rotation_is_still_read()
    {
        _folder.Rename(Log, Log + ".1");
        _folder.Poll();
        _folder.Write(Log + ".1", "three");
        _folder.Poll();
        _folder.Write(Log, "four");
        _folder.Settle();
        Expect("one", "two", "three", "four");
    }

    [Fact]
    public void A_rotated_file_that_grows_long_after_is_read_on()
    {
        _folder.Rename(Log, Log + ".1");
        _folder.Poll();
        _folder.Clock.Advance(RotatedFiles.Linger * 2);
        _folder.Settle();
        _folder.Write(Log + ".1", "three");
        _folder.Settle();
        Expect("one", "two", "three");
    }

    [Fact]
    public void What_was_written_before_a_file_was_deleted_is_read()
    {
        _folder.Write(Log, "three");
        _folder.Delete(Log);
        _folder.Write(Log, "four");
        _folder.Settle();
        Expect("one", "two", "three", "four");
    }

    [Fact]
    public void A_truncated_file_is_finished_from_its_copy()
    {
        _folder.Write(Log, "three");
        _folder.CopyTruncate(Log, Log + ".1");
        _folder.Write(Log, "four");
        _folder.Settle();
        Expect("one", "two", "three", "four");
    }

    [Fact]
    public void A_truncated_file_that_has_outgrown_its_former_length_is_recognised()
    {
        _folder.Write(Log, "three");
        _folder.CopyTruncate(Log, Log + ".1");
        _folder.Write(Log, "four", "five", "six", "seven", "eight");
        _folder.Poll();
        Expect("one", "two", "three", "four", "five", "six", "seven", "eight");
    }

    [Fact]
    public void A_truncated_file_of_the_very_same_length_and_time_is_recognised_in_the_end()
    {
        DateTime written = File.GetLastWriteTimeUtc(_folder.PathOf(Log));
        _folder.Truncate(Log);
        _folder.Write(Log, "abc", "def");
        File.SetLastWriteTimeUtc(_folder.PathOf(Log), written);
        _folder.Settle();
        Expect("one", "two", "abc", "def");
    }

    [Fact]
    public void A_truncated_file_begins_anew()
    {
        _folder.Truncate(Log);
        _folder.Poll();
        _folder.Write(Log, "three");
        _folder.Poll();
        Expect("one", "two", "three");
        _folder.Batches.Select(b => b.Stream).Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public void A_shortened_file_goes_on_in_a_stream_of_its_own()
    {
        _folder.Truncate(Log, File.ReadAllText(_folder.PathOf(Log)).IndexOf('\n', StringComparison.Ordinal) + 1);
        _folder.Poll();
        _folder.Write(Log, "x");
        _folder.Clock.Advance(TimeSpan.FromSeconds(1));
        _folder.Poll();
        _folder.Kill();
        _folder.Write(Log, "y");
        _folder.Poll();
        Expect("one", "two", "x", "y");
        _folder.Logger.Warnings.ShouldHaveSingleItem().ShouldContain(_folder.PathOf(Log));
    }

    [Fact]
    public void A_copy_that_begins_within_a_record_is_told_from_its_predecessors()
    {
        for (int i = 0; i < 3; i++)
        {
            _folder.CopyTruncate(Log, $"{Log}.{i + 1}");
            _folder.WriteRaw(Log, "  4:     option remote-host gl1\n+------+\n");
            _folder.Poll();
            _folder.Write(Log, $"after {i}");
            _folder.Poll();
        }

        Expect("one", "two", "after 0", "after 1", "after 2");
    }

    [Fact]
    public void Rotation_by_rename_while_stopped_loses_nothing()
    {
        _folder.Stop();
        _folder.Write(Log, "three");
        _folder.Rename(Log, Log + ".1");
        _folder.Write(Log, "four");
        _folder.Poll();
        Expect("one", "two", "three", "four");
    }

    [Fact]
    public void Several_rotations_while_stopped_are_read_in_their_order()
    {
        _folder.Stop();
        _folder.Write(Log, "three");
        _folder.Rename(Log, Log + ".1");
        _folder.Write(Log, "four");
        _folder.Rename(Log + ".1", Log + ".2");
        _folder.CopyTruncate(Log, Log + ".1");
        _folder.Compress(Log + ".2");
        _folder.Write(Log, "five");
        _folder.Poll();
        Expect("one", "two", "three", "four", "five");
    }

    [Fact]
    public void A_large_compressed_file_is_read_once_from_where_it_was_left()
    {
        _folder.Stop();
        _folder.Write(Log, [.. Enumerable.Range(0, 2000).Select(i => $"line {i}")]);
        _folder.Write(Log, new string('x', 9000));
        _folder.Write(Log, "last");
        _folder.Rename(Log, Log + ".1");
        _folder.Compress(Log + ".1");
        _folder.Settle();
        _folder.Kill();
        _folder.Settle();
        _folder.Lines.Count().ShouldBe(2004);
        _folder.Lines.Last().ShouldBe("last");
        _folder.Batches.Sum(b => b.Observations.Count).ShouldBe(2004);
    }

    [Fact]
    public void A_damaged_compressed_file_is_passed_over_with_a_warning()
    {
        _folder.WriteRaw(Log + ".2.gz", [0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        _folder.Write(Log, "three");
        _folder.Settle();
        Expect("one", "two", "three");
        _folder.Logger.Warnings.ShouldHaveSingleItem().ShouldContain(".2.gz");
    }

    [Fact]
    public void A_file_with_the_inode_of_its_predecessor_is_another_file()
    {
        _folder.Stop();
        FileIdentity old = FileStatus.Of(_folder.PathOf(Log))!.Value.Identity;
        _folder.Truncate(Log);
        _folder.Write(Log, "three", "four", "five");
        FileStatus.Of(_folder.PathOf(Log))!.Value.Identity.ShouldBe(old);
        _folder.Poll();
        Expect("one", "two", "three", "four", "five");
    }

    [Fact]
    public void An_operators_copy_is_not_read_a_second_time()
    {
        File.Copy(_folder.PathOf(Log), _folder.PathOf("glusterd-copy.log"));
        File.Copy(_folder.PathOf(Log), _folder.PathOf("glusterd.log.2"));
        _folder.Settle();
        _folder.Write(Log, "three");
        _folder.Settle();
        Expect("one", "two", "three");
        _folder.Batches.Count.ShouldBe(2);
    }

    [Fact]
    public void A_log_put_back_under_its_name_goes_on()
    {
        _folder.Rename(Log, Log + ".1");
        _folder.Poll();
        _folder.Rename(Log + ".1", Log);
        _folder.Write(Log, "three");
        _folder.Settle();
        Expect("one", "two", "three");
        _folder.Batches.Count.ShouldBe(2);
    }

    [Fact]
    public void Rotated_files_that_were_read_are_closed_and_forgotten_when_long_gone()
    {
        _folder.Rename(Log, Log + ".1");
        _folder.Write(Log, "three");
        _folder.Settle();
        _folder.Clock.Advance(RotatedFiles.Linger);
        _folder.Settle();
        File.ReadAllText(_folder.CheckpointPath).ShouldContain("\"isClosed\": true");
        _folder.Delete(Log + ".1");
        _folder.Clock.Advance(LogStreams.Memory + TimeSpan.FromDays(1));
        _folder.Settle();
        File.ReadAllText(_folder.CheckpointPath).ShouldNotContain("\"isClosed\": true");
        Expect("one", "two", "three");
    }

    private void Expect(params string[] lines) => _folder.Lines.ShouldBe(lines);
}
