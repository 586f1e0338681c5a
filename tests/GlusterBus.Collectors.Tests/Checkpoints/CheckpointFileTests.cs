using GlusterBus.Collectors.Checkpoints;
using GlusterBus.Collectors.LogTail;
using GlusterBus.Collectors.Tests.LogTail;
using GlusterBus.TestKit;

namespace GlusterBus.Collectors.Tests.Checkpoints;

public sealed class CheckpointFileTests : IDisposable
{
    private static readonly LogCheckpoint Some = new() { Logs = [new LogPosition("glusterd.log", "0123456789abcdef", 0, 42, false, 1, 2, DateTimeOffset.UnixEpoch)] };

    private readonly TemporaryFolder _folder = new();
    private readonly ListLogger _logger = new();

    private string FilePath => _folder.File("state/logs.checkpoint.json");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_saved_is_loaded()
    {
        Open().Load().ShouldBeNull();
        Open().Save(Some).ShouldBeTrue();
        Open().Load()!.Logs.ShouldBe(Some.Logs);
        File.Exists(FilePath + ".tmp").ShouldBeFalse();
    }

    [Fact]
    public void A_left_over_temporary_file_stands_in_only_where_there_is_no_other()
    {
        Open().Save(Some);
        File.Move(FilePath, FilePath + ".tmp");
        Open().Load()!.Logs.ShouldBe(Some.Logs);
        File.Exists(FilePath + ".tmp").ShouldBeFalse();

        Open().Save(Some);
        File.WriteAllText(FilePath + ".tmp", "{ half");
        Open().Load()!.Logs.ShouldBe(Some.Logs);
        _logger.Entries.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("{ half")]
    [InlineData("{ \"version\": 2, \"logs\": [] }")]
    [InlineData("{ \"version\": 1, \"logs\": [ { \"log\": null } ] }")]
    public void What_cannot_be_understood_is_moved_aside_with_a_warning(string content)
    {
        Directory.CreateDirectory(_folder.File("state"));
        File.WriteAllText(FilePath, content);
        Open().Load().ShouldBeNull();
        File.ReadAllText(FilePath + ".bad").ShouldBe(content);
        _logger.Warnings.ShouldHaveSingleItem().ShouldContain(FilePath);
    }

    [Fact]
    public void Nothing_is_written_when_nothing_changed()
    {
        CheckpointFile<LogCheckpoint> file = Open();
        file.Save(Some);
        File.Delete(FilePath);
        file.Save(Some with { }).ShouldBeTrue();
        File.Exists(FilePath).ShouldBeFalse();
        file.Save(Some with { Logs = [] });
        File.Exists(FilePath).ShouldBeTrue();
    }

    [Fact]
    public void A_failing_write_is_told_once_and_tried_again()
    {
        Directory.CreateDirectory(FilePath);
        CheckpointFile<LogCheckpoint> file = Open();
        file.Save(Some).ShouldBeFalse();
        file.Save(Some).ShouldBeFalse();
        _logger.Warnings.ShouldHaveSingleItem().ShouldContain(FilePath);
        Directory.Delete(FilePath);
        file.Save(Some).ShouldBeTrue();
    }

    private CheckpointFile<LogCheckpoint> Open() => new(FilePath, LogCheckpoint.CurrentVersion, LogCheckpointJson.Default.LogCheckpoint, _logger);
}
