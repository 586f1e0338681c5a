using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Notifiers.Script;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlusterBus.Notifiers.Tests.Script;

public sealed class ScriptNotifierTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_transition_comes_on_standard_input_byte_for_byte()
    {
        await RunAsync($"cat > '{_folder.File("in")}'");
        File.ReadAllBytes(_folder.File("in")).ShouldBe(TransitionJson.Write(SampleTransitions.Brick()));
    }

    [Fact]
    public async Task The_essentials_come_in_the_environment()
    {
        await RunAsync($"env > '{_folder.File("env")}'");
        File.ReadAllLines(_folder.File("env")).Where(l => l.StartsWith("GLUSTERBUS_", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ShouldBe(
        [
            "GLUSTERBUS_CAUSE=",
            "GLUSTERBUS_CHANGE=offline",
            "GLUSTERBUS_CLUSTER=lab",
            "GLUSTERBUS_CURRENT=offline",
            "GLUSTERBUS_ENTITY=brick/rv/gl2:/srv/rv1",
            "GLUSTERBUS_ID=lab/brick/rv/gl2:/srv/rv1@1",
            "GLUSTERBUS_KIND=brick",
            "GLUSTERBUS_PREVIOUS=online",
            "GLUSTERBUS_REASON=state-changed",
            "GLUSTERBUS_SEQUENCE=1",
            "GLUSTERBUS_SEVERITY=error",
            "GLUSTERBUS_SUMMARY=Brick gl2:/srv/rv1 of volume rv went offline",
            "GLUSTERBUS_TIME=2026-11-22T09:16:38.618000Z",
        ]);
    }

    [Fact]
    public async Task The_trace_comes_in_the_environment_where_there_is_one()
    {
        const string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        var options = new ScriptOptions { Command = ["/bin/sh", "-c", $"echo \"${{TRACEPARENT-none}}\" >> '{_folder.File("trace")}'"] };
        var notifier = new ScriptNotifier(options, TimeProvider.System, NullLogger<ScriptNotifier>.Instance);
        var delivery = new Delivery(SampleTransitions.Brick(), TransitionJson.Write(SampleTransitions.Brick()), 1);
        await notifier.NotifyAsync(delivery with { TraceParent = trace }, Patience);
        await notifier.NotifyAsync(delivery, Patience);
        File.ReadAllLines(_folder.File("trace")).ShouldBe([trace, "none"]);
    }

    [Fact]
    public async Task Arguments_reach_the_program_as_they_are_without_a_shell()
    {
        await NotifyAsync(new ScriptOptions { Command = ["/bin/sh", "-c", "printf '%s|' \"$@\" > \"$0\"", _folder.File("args"), "a b", "$HOME", "*", "it's"] });
        File.ReadAllText(_folder.File("args")).ShouldBe("a b|$HOME|*|it's|");
    }

    [Fact]
    public async Task Templated_arguments_follow_the_command_each_as_one_argument_whatever_it_holds()
    {
        Transition sly = SampleTransitions.Brick() with { Attributes = new Dictionary<string, string> { ["a"] = "x; rm -rf $HOME `id` '\"\0y" } };
        await NotifyAsync(new ScriptOptions
        {
            Command = ["/bin/sh", "-c", "printf '%s|' \"$@\" > \"$0\"", _folder.File("args"), "{kind}"],
            Arguments = ["-e", "{entity}", "", "{attributes.a}", "1.3.{status|resolved=2|*=1}", "a\0b"],
        }, sly);
        File.ReadAllText(_folder.File("args")).ShouldBe("{kind}|-e|brick/rv/gl2:/srv/rv1||x; rm -rf $HOME `id` '\" y|1.3.1|ab|");
    }

    [Fact]
    public void A_mistake_in_an_argument_names_its_place()
    {
        var options = new ScriptOptions { Command = ["true"], Arguments = ["{entity}", "{entty}", "{time:x}"] };
        options.Validate(new ValidationContext(options)).Select(fault => (fault.MemberNames.Single(), fault.ErrorMessage!.Split(';')[0])).ShouldBe(
            [("Arguments[1]", "{entty} is no placeholder"), ("Arguments[2]", "there is no format 'x' for a time")]);
    }

    [Fact]
    public async Task A_script_file_runs_by_its_path()
    {
        // Copied by a child process: no descriptor of this process can be open for writing when it is run.
        string script = _folder.File("on-change");
        await RunAsync($"printf '#!/bin/sh\\necho ran > \"{_folder.File("ran")}\"\\n' > '{script}' && chmod +x '{script}'");
        await NotifyAsync(new ScriptOptions { Command = [script] });
        File.ReadAllText(_folder.File("ran")).ShouldBe("ran\n");
    }

    [Theory]
    [InlineData("exit 0")]
    [InlineData("exec 0<&-; exit 0")]
    [InlineData("echo noise; echo noise >&2; exit 0")]
    public async Task Code_0_is_success_whether_or_not_it_reads_its_input(string script)
    {
        Transition big = SampleTransitions.Brick() with { Attributes = Enumerable.Range(0, 2000).ToDictionary(i => $"key{i}", _ => new string('x', 200)) };
        await Should.NotThrowAsync(RunAsync(script, big));
    }

    [Fact]
    public async Task Any_other_code_is_tried_again_and_the_error_quotes_the_end_of_standard_error()
    {
        DeliveryFailedException e = await Should.ThrowAsync<DeliveryFailedException>(RunAsync("echo first >&2; echo 'mail server \x1b[31mdown' >&2; exit 75"));
        (e.Kind, e.Message).ShouldBe((FailureKind.ProcessExit, "/bin/sh ended with code 75: first mail server [31mdown"));
    }

    [Fact]
    public async Task However_much_it_writes_it_neither_blocks_nor_fills_the_memory()
    {
        DeliveryFailedException e = await Should.ThrowAsync<DeliveryFailedException>(
            RunAsync("i=0; while [ $i -lt 3000 ]; do echo 'a line of noise that nobody reads to the end, number '$i; i=$((i+1)); done | tee /dev/stderr; exit 1"));
        e.Message.Length.ShouldBeLessThan(OutputTail.MaximumLength + 100);
        e.Message.ShouldEndWith("number 2999");
    }

    [Fact]
    public async Task A_code_of_rejectOn_rejects_with_the_last_line()
    {
        (await Should.ThrowAsync<DeliveryRejectedException>(RunAsync("echo working >&2; echo 'no such ticket queue' >&2; exit 100"))).Message
            .ShouldBe("/bin/sh ended with code 100: no such ticket queue");
        await Should.ThrowAsync<DeliveryRejectedException>(NotifyAsync(new ScriptOptions { Command = ["/bin/sh", "-c", "exit 7"], RejectOn = [7, 8] }));
        await Should.ThrowAsync<DeliveryFailedException>(NotifyAsync(new ScriptOptions { Command = ["/bin/sh", "-c", "exit 100"], RejectOn = [] }));
    }

    [Fact]
    public async Task What_runs_too_long_is_killed_with_its_children()
    {
        long began = Stopwatch.GetTimestamp();
        DeliveryFailedException e = await Should.ThrowAsync<DeliveryFailedException>(NotifyAsync(new ScriptOptions
        {
            Command = ["/bin/sh", "-c", $"sleep 600 & echo $! > '{_folder.File("child")}'; echo started >&2; wait"],
            Timeout = TimeSpan.FromSeconds(1),
        }));
        Stopwatch.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(15));
        (e.Kind, e.Message).ShouldBe((FailureKind.Timeout, "/bin/sh ran longer than 1 s and was killed: started"));
        await AssertGoneAsync(int.Parse(File.ReadAllText(_folder.File("child")), System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_cancelled_run_is_killed_and_ends_as_cancelled()
    {
        using var stop = new CancellationTokenSource();
        var notifier = new ScriptNotifier(new ScriptOptions { Command = ["/bin/sh", "-c", $"echo $$ > '{_folder.File("pid.new")}'; mv '{_folder.File("pid.new")}' '{_folder.File("pid")}'; exec sleep 600"] }, TimeProvider.System, NullLogger<ScriptNotifier>.Instance);
        Task running = notifier.NotifyAsync(Delivery(SampleTransitions.Brick()), stop.Token);
        while (!File.Exists(_folder.File("pid")))
        {
            await Task.Yield();
        }

        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(running);
        await AssertGoneAsync(int.Parse(File.ReadAllText(_folder.File("pid")), System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_child_left_behind_with_open_pipes_delays_nobody()
    {
        long began = Stopwatch.GetTimestamp();
        await RunAsync($"sleep 20 & echo $! > '{_folder.File("child")}'; exit 0");
        Stopwatch.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(15));
        using Process child = Process.GetProcessById(int.Parse(File.ReadAllText(_folder.File("child")), System.Globalization.CultureInfo.InvariantCulture));
        child.Kill();
    }

    [Fact]
    public async Task A_program_that_does_not_exist_is_tried_again_and_named()
    {
        DeliveryFailedException e = await Should.ThrowAsync<DeliveryFailedException>(NotifyAsync(new ScriptOptions { Command = [_folder.File("missing")] }));
        e.Message.ShouldBe($"{_folder.File("missing")} could not be started: No such file or directory");
    }

    [Theory]
    [InlineData("sh", null)]
    [InlineData("/bin/sh", null)]
    [InlineData("/etc/passwd", "it is not executable")]
    [InlineData("/no/such/program", "there is no such program")]
    [InlineData("no-such-program-anywhere", "there is no such program")]
    public async Task The_connection_test_looks_at_the_program_without_running_it(string program, string? problem)
    {
        var notifier = new ScriptNotifier(new ScriptOptions { Command = [program] }, TimeProvider.System, NullLogger<ScriptNotifier>.Instance);
        (await notifier.CheckAsync(Patience)).ShouldHaveSingleItem().Problem.ShouldBe(problem);
    }

    private static Task RunAsync(string script, Transition? transition = null) => NotifyAsync(new ScriptOptions { Command = ["/bin/sh", "-c", script] }, transition);

    private static Task NotifyAsync(ScriptOptions options, Transition? transition = null) =>
        new ScriptNotifier(options, TimeProvider.System, NullLogger<ScriptNotifier>.Instance).NotifyAsync(Delivery(transition ?? SampleTransitions.Brick()), Patience);

    private static Delivery Delivery(Transition transition) => new(transition, TransitionJson.Write(transition), 1);

    private static async Task AssertGoneAsync(int pid)
    {
        // A killed process stays as a zombie until its parent or init has collected it.
        long began = Stopwatch.GetTimestamp();
        while (File.Exists($"/proc/{pid}/stat") && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal))
        {
            Stopwatch.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(15), $"process {pid} lives on");
            await Task.Yield();
        }
    }
}
