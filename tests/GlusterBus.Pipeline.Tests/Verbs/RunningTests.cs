using System.Net.Sockets;
using System.Text;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Pipeline.Tests.Verbs;

/// <summary><c>up</c> and its clients, all as the built executable.</summary>
public sealed class RunningTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task What_is_injected_is_seen_by_every_client_verb()
    {
        using var sandbox = new Sandbox();
        await using Executable up = await sandbox.UpAsync();
        await using Executable watch = sandbox.Start("watch", "--entity", "volume/*", "--json");
        (await sandbox.RunAsync("emit", "--entity", "volume/gv0", "--state", "created", "--attribute", "type=Replicate")).Output.ShouldStartWith("published: volume/gv0 created\n");

        // Until the watch stands, it may have missed what came before.
        string seen = await FirstLineAsync(watch, () => sandbox.RunAsync("emit", "--entity", $"volume/{Guid.NewGuid():n}", "--state", "created"));
        TransitionJson.Parse(Encoding.UTF8.GetBytes(seen)).Change.ShouldBe("created");

        (int code, string state, _) = await sandbox.RunAsync("state", "--entity", "volume/gv0");
        code.ShouldBe(0);
        state.ShouldMatch("^cluster\n└── volume/gv0  created  since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\s*\n$");
        (await sandbox.RunAsync("state", "--at", "1h")).Output.ShouldBe("nothing is known, or nothing matches\n");
        (await sandbox.RunAsync("history", "--entity", "volume/gv0")).Output.ShouldMatch("^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3} info     volume/gv0  created .*\n$");
        string replayed = (await sandbox.RunAsync("replay", "--json", "--entity", "volume/gv0")).Output;
        Transition copy = TransitionJson.Parse(Encoding.UTF8.GetBytes(replayed.TrimEnd()));
        (copy.Id, copy.Replay).ShouldBe(("gluster/volume/gv0@1", true));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_stop_signal_ends_it_cleanly_and_systemd_is_told()
    {
        using var sandbox = new Sandbox();
        using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(sandbox.FileAt("notify")));
        sandbox.Environment["NOTIFY_SOCKET"] = sandbox.FileAt("notify");
        await using Executable up = await sandbox.UpAsync();
        (await ReceiveAsync(systemd)).ShouldBe("READY=1\nSTATUS=running as gl1");

        up.Signal("TERM");

        (await up.EndAsync()).ShouldBe(0, up.Error);
        (await ReceiveAsync(systemd)).ShouldBe("STOPPING=1");
        File.Exists(sandbox.FileAt("api.sock")).ShouldBeFalse();
        File.Exists(sandbox.FileAt("data/glusterbus.pid")).ShouldBeFalse();
    }

    [Fact(Timeout = 120_000)]
    public async Task An_instance_is_asked_for_its_health()
    {
        using var sandbox = new Sandbox();
        await using Executable up = await sandbox.UpAsync();

        (int code, string output, string error) = await sandbox.RunAsync("health");

        (code, output, error).ShouldBe((0, "ready\n", ""));
    }

    [Fact(Timeout = 120_000)]
    public async Task Health_is_waited_for_from_before_the_start_on()
    {
        using var sandbox = new Sandbox();
        Task<(int Code, string Output, string Error)> waiting = sandbox.RunAsync("health", "--wait", "60");
        await using Executable up = await sandbox.UpAsync();

        (await waiting).ShouldBe((0, "ready\n", ""));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_role_without_its_broker_is_not_healthy_and_says_why()
    {
        using var sandbox = new Sandbox("\"rabbitMq\": { \"hosts\": [\"127.0.0.1:1\"] }");
        await using Executable collect = sandbox.Start("collect");
        await collect.UntilErrorAsync("  api            ");

        (int code, string output, string error) = await sandbox.RunAsync("health", "--role", "collect");

        (code, output, error).ShouldBe((1, "", "glusterbus: not ready: the broker is away\n"));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_second_instance_on_the_same_data_is_refused_in_one_line()
    {
        using var sandbox = new Sandbox();
        await using Executable up = await sandbox.UpAsync();

        (int code, _, string error) = await sandbox.RunAsync("up");

        code.ShouldBe(1);
        error.ShouldBe($"glusterbus: another instance (process {up.ProcessId}) uses {sandbox.FileAt("data")}; stop it, or set another dataDirectory\n");
    }

    [Fact(Timeout = 120_000)]
    public async Task After_kill_9_the_next_start_finds_everything()
    {
        using var sandbox = new Sandbox();
        await using (Executable up = await sandbox.UpAsync())
        {
            await sandbox.RunAsync("emit", "--entity", "volume/gv0", "--state", "created");
            up.Signal("KILL");
            await up.EndAsync();
        }

        await using Executable again = await sandbox.UpAsync();

        (await sandbox.RunAsync("history", "--json")).Output.TrimEnd('\n').Split('\n').ShouldHaveSingleItem().ShouldContain("volume/gv0@1");
        (await sandbox.RunAsync("emit", "--entity", "volume/gv0", "--state", "created")).Output.ShouldBe("same-source: volume/gv0 created\n");
    }

    [Fact(Timeout = 120_000)]
    public async Task A_watch_outlives_the_instance_and_misses_nothing()
    {
        using var sandbox = new Sandbox();
        await using Executable watch = await WatchingAsync(sandbox);

        await using Executable again = await sandbox.UpAsync();
        await sandbox.RunAsync("emit", "--entity", "volume/later", "--state", "created");

        string line = (await watch.Output.ReadLineAsync(Token))!;
        while (!line.Contains("volume/later", StringComparison.Ordinal))
        {
            line = (await watch.Output.ReadLineAsync(Token))!;
        }

        line.ShouldContain("volume/later  created");
        watch.Error.ShouldBe("glusterbus: the instance went away, waiting for it\n");
        watch.Signal("INT");
        (await watch.EndAsync()).ShouldBe(130);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_replay_goes_into_a_configured_notifier_marked_as_replay()
    {
        using var sandbox = new Sandbox("\"notifiers\": { \"file\": { \"plugin\": \"script\", \"command\": [\"/bin/sh\", \"-c\", \"cat >> \\\"$SINK\\\"; echo >> \\\"$SINK\\\"\"], \"channels\": [\"volume\"] } }");
        string live = sandbox.FileAt("live");
        string replayed = sandbox.FileAt("replayed");
        sandbox.Environment["SINK"] = live;
        await using Executable up = await sandbox.UpAsync();
        await sandbox.RunAsync("emit", "--entity", "volume/gv0", "--state", "started");
        await sandbox.RunAsync("emit", "--entity", "brick/gv0/gl1:/b", "--state", "offline");

        sandbox.Environment["SINK"] = replayed;
        (int code, _, string error) = await sandbox.RunAsync("replay", "--into", "notifier:file");

        error.ShouldBe("file: 1 delivered, 1 filtered out, 0 failed\n");
        code.ShouldBe(0);
        Transition copy = TransitionJson.Parse(Encoding.UTF8.GetBytes(File.ReadAllText(replayed).TrimEnd()));
        (copy.Entity.Value, copy.Replay).ShouldBe(("volume/gv0", true));
        (await sandbox.RunAsync("replay", "--into", "notifier:mail")).Error.ShouldBe($"glusterbus: there is no notifier 'mail' in {sandbox.Config}; there are: file\n");
    }

    /// <summary>A watch that stood with an instance that has stopped since.</summary>
    private static async Task<Executable> WatchingAsync(Sandbox sandbox)
    {
        await using Executable up = await sandbox.UpAsync();
        Executable watch = sandbox.Start("watch");
        await FirstLineAsync(watch, () => sandbox.RunAsync("emit", "--entity", $"volume/{Guid.NewGuid():n}", "--state", "created"));
        up.Signal("TERM");
        await up.EndAsync();
        await watch.UntilErrorAsync("waiting for it");
        return watch;
    }

    private static async Task<string> FirstLineAsync(Executable watch, Func<Task> cause)
    {
        Task<string?> line = watch.Output.ReadLineAsync(Token).AsTask();
        while (!line.IsCompleted)
        {
            await cause();
        }

        return (await line)!;
    }

    private static async Task<string> ReceiveAsync(Socket socket)
    {
        byte[] buffer = new byte[1024];
        int count = await socket.ReceiveAsync(buffer, Token);
        return Encoding.UTF8.GetString(buffer, 0, count);
    }
}
