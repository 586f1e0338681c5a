using GlusterBus.Collectors.LogTail;

namespace GlusterBus.Collectors.Tests.LogTail;

public sealed class StartTests
{
    private const string Log = "glusterd.log";

    [Theory]
    [InlineData(LogStart.End, "new")]
    [InlineData(LogStart.Beginning, "old", "new")]
    public void The_very_first_start_begins_where_it_is_told(LogStart startAt, params string[] expected)
    {
        using var folder = new TailedFolder(startAt);
        folder.Write(Log + ".1", "ancient");
        folder.Write(Log, "old");
        folder.Start();
        folder.Write(Log, "new");
        folder.Settle();
        folder.Kill();
        folder.Settle();
        folder.Lines.ShouldBe(expected);
    }

    [Fact]
    public void A_line_being_written_at_the_very_first_start_is_read_when_it_is_complete()
    {
        using var folder = new TailedFolder();
        folder.Write(Log, "old");
        folder.WriteRaw(Log, folder.Stamp() + "ne");
        folder.Start();
        folder.WriteRaw(Log, "w\n");
        folder.Poll();
        folder.Lines.ShouldBe(["new"]);
    }

    /// <summary>Seen on a real node: its glusterd wrote between the look at the file and the search for its end, one time in a few starts.</summary>
    [Fact]
    public async Task A_log_that_grows_during_the_very_first_look_was_not_shortened()
    {
        for (int start = 0; start < 200; start++)
        {
            using var folder = new TailedFolder();
            folder.Write(Log, "old");
            string more = folder.Stamp() + "more\n";
            using var stop = new CancellationTokenSource();
            Task growing = Task.Run(
                () =>
                {
                    while (!stop.IsCancellationRequested)
                    {
                        folder.WriteRaw(Log, more);
                    }
                },
                TestContext.Current.CancellationToken);
            folder.Start();
            await stop.CancelAsync();
            await growing;
            folder.Logger.Warnings.ShouldBeEmpty();
        }
    }

    [Fact]
    public void A_file_that_appears_later_is_read_whole()
    {
        using var folder = new TailedFolder();
        folder.Poll();
        folder.Write("bricks/srv-rv1.log", "one", "two");
        folder.Settle();
        folder.Lines.ShouldBe(["one", "two"]);
        folder.New[0].Evidence!.Where.ShouldBe($"{folder.PathOf("bricks/srv-rv1.log")}:Brick:/srv/rv1");
    }

    [Fact]
    public void A_killed_tailer_reads_again_from_its_checkpoint_and_the_router_knows_the_repeats()
    {
        using var folder = new TailedFolder();
        folder.Start();
        folder.Write(Log, "one");
        folder.Settle();
        folder.Write(Log, "two");
        folder.Poll();
        folder.Kill();
        folder.Write(Log, "three");
        folder.Poll();
        folder.Lines.ShouldBe(["one", "two", "three"]);
        folder.Batches.Sum(b => b.Observations.Count).ShouldBe(4);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_offset_moves_only_after_the_sink_took_its_lines(bool failsLate)
    {
        using var folder = new TailedFolder();
        folder.Start();
        folder.Write(Log, [.. Enumerable.Range(0, 1000).Select(i => $"{i}")]);
        folder.Clock.Advance(TimeSpan.FromSeconds(11));
        (folder.FailAfter, folder.FailsLate) = (3, failsLate);
        Should.Throw<SinkLostException>(folder.Poll);
        folder.Stop();
        folder.Poll();
        folder.Lines.ShouldBe(Enumerable.Range(0, 1000).Select(i => $"{i}"));
    }

    [Fact]
    public void Only_logs_of_the_clusters_processes_are_followed()
    {
        using var folder = new TailedFolder();
        folder.Start();
        foreach (string name in new[] { "cli.log", "cmd_history.log", "events.log", "glfsheal-rv.log", "rv-clearlocks-mnt.log", "notes.txt", "events.log.1", "bricks/run-gluster-snaps-1-brick1.log" })
        {
            folder.Write(name, name);
        }

        folder.Write("mnt-rv.log", "mount");
        folder.Settle();
        folder.Lines.ShouldBe(["mount"]);
    }

    [Fact]
    public void A_damaged_checkpoint_is_set_aside_with_a_warning()
    {
        using var folder = new TailedFolder();
        folder.Start();
        folder.Write(Log, "one");
        folder.Settle();
        folder.Stop();
        File.WriteAllText(folder.CheckpointPath, "{ \"version\": 1, \"logs\": [ {");
        folder.Poll();
        folder.Write(Log, "two");
        folder.Poll();
        folder.Lines.ShouldBe(["one", "two"]);
        File.Exists(folder.CheckpointPath + ".bad").ShouldBeTrue();
        folder.Logger.Warnings.ShouldHaveSingleItem().ShouldContain(folder.CheckpointPath);
    }

    [Fact]
    public void A_missing_folder_is_told_once_and_followed_when_it_appears()
    {
        using var folder = new TailedFolder();
        Directory.Delete(folder.Options.Directory, recursive: true);
        folder.Settle();
        folder.Logger.Warnings.ShouldHaveSingleItem().ShouldContain(folder.Options.Directory);
        Directory.CreateDirectory(folder.PathOf("bricks"));
        folder.Write(Log, "one");
        folder.Settle();
        folder.Lines.ShouldBe(["one"]);
    }

    [Fact]
    public void A_log_that_cannot_be_read_is_told_once_per_streak_and_keeps_no_other_from_being_read()
    {
        using var folder = new TailedFolder();
        folder.Start();
        string broken = folder.PathOf("aaa.log");
        File.CreateSymbolicLink(broken, broken); // Refused even to root.
        folder.Write(Log, "one");
        folder.Settle();
        folder.Settle();
        folder.Lines.ShouldBe(["one"]);
        folder.Logger.Warnings.ShouldHaveSingleItem().ShouldContain(broken);

        folder.Delete("aaa.log");
        folder.Write("aaa.log", "two");
        folder.Settle();
        folder.Lines.ShouldBe(["one", "two"]);
    }

    [Fact]
    public void A_pipe_in_the_folder_does_not_hold_up_the_tailer()
    {
        using var folder = new TailedFolder();
        folder.Start();
        using var make = System.Diagnostics.Process.Start("mkfifo", folder.PathOf("aaa.log"));
        make.WaitForExit();
        make.ExitCode.ShouldBe(0);
        folder.Write(Log, "one");
        folder.Settle();
        folder.Lines.ShouldBe(["one"]);
    }

    [Theory]
    [InlineData("glusterd.log", LogKind.Glusterd)]
    [InlineData("glustershd.log", LogKind.SelfHeal)]
    [InlineData("bricks/srv-rv1.log", LogKind.Brick)]
    [InlineData("mnt-rv.log", LogKind.Mount)]
    [InlineData("bitd.log", LogKind.Other)]
    [InlineData("rv-rebalance.log", LogKind.Other)]
    public void The_name_of_a_log_tells_who_writes_it(string log, LogKind kind) => LogFolder.KindOf(log).ShouldBe(kind);
}
