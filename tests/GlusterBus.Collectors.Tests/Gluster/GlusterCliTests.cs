using System.Diagnostics;
using System.Xml.Linq;
using GlusterBus.Collectors.Gluster;
using GlusterBus.Collectors.Tests.GetState;
using GlusterBus.Runtime.Gluster;
using GlusterBus.TestKit;

namespace GlusterBus.Collectors.Tests.Gluster;

public sealed class GlusterCliTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_query_asks_for_xml_in_script_mode_in_the_C_locale()
    {
        GlusterCli cli = Cli("""echo "<cliOutput><opRet>0</opRet><args>$*</args><locale>$LC_ALL</locale></cliOutput>" """);

        XDocument reply = await cli.QueryAsync(["volume", "info"], Cancellation);

        reply.Root!.Element("args")!.Value.ShouldBe("--mode=script --glusterd-sock=/x volume info --xml");
        reply.Root.Element("locale")!.Value.ShouldBe("C");
    }

    [Fact]
    public void A_reply_counts_by_its_opRet_and_not_by_the_exit_code()
    {
        var failed = new ChildOutput(0, Samples.Text("volume-info-nosuch.xml"), "");

        GlusterReplyException refusal = Should.Throw<GlusterReplyException>(() => GlusterCli.ReadReply("gluster volume info nosuch", failed));

        refusal.Message.ShouldBe("'gluster volume info nosuch' answered: Volume does not exist (opRet -1, opErrno 30806)");
        refusal.IsDaemonDown.ShouldBeFalse();
        GlusterCli.ReadReply("gluster volume info", new ChildOutput(251, Samples.Text("volume-info.healthy.xml"), "")).Root!.Name.LocalName.ShouldBe("cliOutput");
    }

    [Theory]
    [InlineData("Connection failed. Please check if gluster daemon is operational.\n", "")]
    [InlineData("", "Connection failed. Please check if gluster daemon is operational.\n")]
    public void A_stopped_glusterd_is_told_apart(string output, string error)
    {
        GlusterReplyException refusal = Should.Throw<GlusterReplyException>(() => GlusterCli.ReadReply("gluster volume info", new ChildOutput(1, output, error)));

        refusal.IsDaemonDown.ShouldBeTrue();
        refusal.Remedy.ShouldBe("systemctl start glusterd");
    }

    [Theory]
    [InlineData("geo-replication command failed\n", "'gluster x' answered: no XML (exit code 2: geo-replication command failed)")]
    [InlineData("", "'gluster x' answered: no XML (exit code 2: no reason given)")]
    [InlineData("<cliOutput><opRet>0</opRet>", "'gluster x' answered: no XML (exit code 2: <cliOutput><opRet>0</opRet>)")]
    [InlineData("<cliOutput/>", "'gluster x' answered: a reply without opRet")]
    [InlineData("<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", "no XML")]
    public void What_is_no_reply_is_refused_with_what_was_said(string output, string message) =>
        Should.Throw<GlusterReplyException>(() => GlusterCli.ReadReply("gluster x", new ChildOutput(2, output, ""))).Message.ShouldContain(message);

    [Fact]
    public async Task The_state_is_read_from_its_file_and_the_file_is_removed()
    {
        // Arguments: --mode=script --glusterd-sock=/x get-state odir FOLDER file NAME
        GlusterCli cli = Cli("""printf '[Global]\nfolder: %s\n' "$5" > "$5/$7"; echo "glusterd state dumped to $5/$7" """);

        string text = await cli.GetStateAsync(Cancellation);

        text.ShouldStartWith("[Global]\nfolder: " + _folder.Path);
        Directory.GetDirectories(_folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_refused_state_says_why_and_leaves_nothing_behind()
    {
        GlusterCli cli = Cli("echo 'Failed to get daemon state: Output directory does not exist.'; exit 1");

        GlusterReplyException refusal = await Should.ThrowAsync<GlusterReplyException>(() => cli.GetStateAsync(Cancellation));

        refusal.Message.ShouldBe("'gluster get-state' answered: exit code 1: Failed to get daemon state: Output directory does not exist.");
        Directory.GetDirectories(_folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_command_that_hangs_is_killed_when_its_time_is_up()
    {
        string pidFile = _folder.File("pid");
        var clock = new FakeClock();
        GlusterCli cli = Cli($"echo $$ > {pidFile}.new; mv {pidFile}.new {pidFile}; exec sleep 600", clock);

        Task<XDocument> query = cli.QueryAsync(["volume", "status"], Cancellation);
        int pid = await PidAsync(pidFile);
        clock.Advance(TimeSpan.FromSeconds(20));

        GlusterReplyException refusal = await Should.ThrowAsync<GlusterReplyException>(() => query);
        refusal.Message.ShouldBe("'gluster volume status' did not answer within 00:00:20");
        await GoneAsync(pid);
    }

    [Fact]
    public async Task A_command_that_is_cancelled_is_killed()
    {
        string pidFile = _folder.File("pid");
        GlusterCli cli = Cli($"echo $$ > {pidFile}.new; mv {pidFile}.new {pidFile}; exec sleep 600");
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);

        Task<XDocument> query = cli.QueryAsync(["volume", "status"], cancel.Token);
        int pid = await PidAsync(pidFile);
        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => query);
        await GoneAsync(pid);
    }

    [Fact]
    public async Task An_answer_without_end_is_cut_off()
    {
        var start = new ProcessStartInfo("yes");

        await Should.ThrowAsync<InvalidDataException>(() => ChildOutput.RunAsync(start, 100_000, Cancellation));
    }

    [Fact]
    public async Task A_missing_command_is_told_with_its_remedy()
    {
        var cli = new GlusterCli(new GlusterCliOptions { Command = "/nowhere/gluster" }, TimeProvider.System);

        GlusterReplyException refusal = await Should.ThrowAsync<GlusterReplyException>(() => cli.QueryAsync(["volume", "info"], Cancellation));

        refusal.Message.ShouldContain("/nowhere/gluster");
        refusal.Remedy.ShouldNotBeNull().ShouldContain("install glusterfs-server");
    }

    private GlusterCli Cli(string script, TimeProvider? clock = null)
    {
        string path = _folder.File("gluster");
        File.WriteAllText(path, script + "\n");
        return new GlusterCli(new GlusterCliOptions { Command = Shell(path), Arguments = ["--glusterd-sock=/x"], StateFolder = _folder.Path }, clock ?? TimeProvider.System);
    }

    /// <summary>A program that runs the script; written by a shell of its own, since a file this process still has open for writing can't be run.</summary>
    private string Shell(string script)
    {
        string program = _folder.File("program");
        using Process copy = Process.Start("/bin/sh", ["-c", $"printf '#!/bin/sh\\n. %s\\n' '{script}' > '{program}'; chmod 700 '{program}'"]);
        copy.WaitForExit();
        return program;
    }

    private static async Task<int> PidAsync(string file)
    {
        while (!File.Exists(file))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancellation);
        }

        return int.Parse(await File.ReadAllTextAsync(file, Cancellation));
    }

    private static async Task GoneAsync(int pid)
    {
        while (Directory.Exists($"/proc/{pid}") && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancellation);
        }
    }
}
