namespace GlusterBus.Pipeline.Tests.Verbs;

/// <summary>Help, mistakes and exit codes of the built executable.</summary>
public sealed class UsageTests
{
    private static readonly Dictionary<string, string?> Plain = new() { ["TZ"] = "UTC" };

    [Theory]
    [InlineData("")]
    [InlineData("up")]
    [InlineData("demo")]
    [InlineData("health")]
    [InlineData("watch")]
    [InlineData("state")]
    [InlineData("collect")]
    [InlineData("route")]
    [InlineData("notify")]
    [InlineData("history")]
    [InlineData("replay")]
    [InlineData("emit")]
    [InlineData("check")]
    [InlineData("dlq")]
    [InlineData("dlq list")]
    [InlineData("dlq show")]
    [InlineData("dlq retry")]
    [InlineData("dlq drop")]
    [InlineData("plugins")]
    [InlineData("version")]
    [InlineData("completion")]
    public async Task The_help_of_a_verb_is_as_recorded(string verb)
    {
        (int code, string output, string error) = await Executable.RunAsync(Plain, [.. verb.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);

        code.ShouldBe(0);
        error.ShouldBeEmpty();
        string file = (verb.Length == 0 ? "glusterbus" : verb.Replace(' ', '-')) + ".txt";
        output.ShouldBe(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "fixtures", "help", file)), $"./glusterbus {verb} --help > tests/fixtures/help/{file}");
    }

    [Theory]
    [InlineData("there is no verb 'wach'; did you mean 'watch'? See `glusterbus --help`", "wach")]
    [InlineData("there is no option '--jsn'; did you mean '--json'? See `glusterbus watch --help`", "watch", "--jsn")]
    [InlineData("there is no argument 'brick'; see `glusterbus state --help`", "state", "brick")]
    [InlineData("--since: 'foo' is no time; write a time such as 2026-11-22T09:16:00Z, \"2026-11-22 09:16\", 09:16, \"yesterday 03:00\", or how long ago: 90s, 15m, 24h, 7d; see `glusterbus history --help`", "history", "--since", "foo")]
    [InlineData("--limit takes a number from 1 to 100000; see `glusterbus history --help`", "history", "--limit", "0")]
    [InlineData("--limit takes a number from 1 to 100000; see `glusterbus history --help`", "history", "--limit", "many")]
    [InlineData("--speed takes a number from 0.1 to 20; see `glusterbus demo --help`", "demo", "--speed", "fast")]
    [InlineData("--dashboard: with --distributed it is glusterbus notify that serves the dashboard (api.dashboard); see `glusterbus demo --help`", "demo", "--distributed", "--dashboard", "8056")]
    [InlineData("--dashboard takes a number from 0 to 65535; see `glusterbus demo --help`", "demo", "--dashboard", "127.0.0.1:8056")]
    [InlineData("--speed takes a number from 0.1 to 20; see `glusterbus demo --help`", "demo", "--speed", "21x")]
    [InlineData("--seed takes a number from 0 to 2147483647; see `glusterbus demo --help`", "demo", "--seed", "1.5")]
    [InlineData("--entity: 'gv0' is no entity id; it needs a kind and a name, such as volume/gv0; see `glusterbus watch --help`", "watch", "--entity", "gv0")]
    [InlineData("--speed: 'fast' is no speed; write 10x, 0.5x or max; see `glusterbus replay --help`", "replay", "--speed", "fast")]
    [InlineData("--into takes stdout, exchange, router or notifier:NAME; see `glusterbus replay --help`", "replay", "--into", "mail")]
    [InlineData("--speed has no meaning with --into router, which rebuilds the states as they were at --to, or are now; see `glusterbus replay --help`", "replay", "--into", "router", "--speed", "2x")]
    [InlineData("--server: 'gl1' is no URL such as http://gl1:8055; see `glusterbus state --help`", "state", "--server", "gl1")]
    [InlineData("--attribute: 'x' is no k=v; see `glusterbus emit --help`", "emit", "--attribute", "x")]
    [InlineData("give exactly one of --entity, --datagram and --log-line; see `glusterbus emit --help`", "emit")]
    [InlineData("there is no plugin 'mail'; there are: get_state, gf_event, logs, systemd, console, dbus, email, kafka, script, webhook", "plugins", "mail")]
    [InlineData("give either --id ID for one or --all; see `glusterbus dlq retry --help`", "dlq", "retry", "ops")]
    [InlineData("give either --id ID for one or --all; see `glusterbus dlq drop --help`", "dlq", "drop", "ops", "--all", "--id", "x")]
    [InlineData("--limit takes a number from 1 to 1000000; see `glusterbus dlq show --help`", "dlq", "show", "ops", "-n", "0")]
    [InlineData("there is no argument 'lst'; did you mean 'list'? See `glusterbus dlq --help`", "dlq", "lst")]
    [InlineData("/nowhere/g.json: there is no such file", "up", "--config", "/nowhere/g.json")]
    public async Task A_mistake_is_one_line_on_standard_error_and_exit_code_2(string expected, params string[] arguments)
    {
        (int code, string output, string error) = await Executable.RunAsync(Plain, arguments);

        error.ShouldBe($"glusterbus: {expected}\n");
        output.ShouldBeEmpty();
        code.ShouldBe(2);
    }

    [Theory]
    [InlineData("watch")]
    [InlineData("state")]
    [InlineData("history")]
    [InlineData("replay")]
    [InlineData("emit", "--entity", "volume/x", "--state", "created")]
    public async Task Without_an_instance_a_client_verb_ends_with_3(params string[] arguments)
    {
        using var sandbox = new Sandbox();

        (int code, string output, string error) = await sandbox.RunAsync(arguments);

        error.ShouldBe($"glusterbus: no running instance at {sandbox.FileAt("api.sock")}; start one with `glusterbus up`\n");
        output.ShouldBeEmpty();
        code.ShouldBe(3);
    }

    [Fact]
    public async Task Without_an_instance_nothing_is_healthy()
    {
        using var sandbox = new Sandbox();

        (int code, string output, string error) = await sandbox.RunAsync("health");

        error.ShouldBe($"glusterbus: no running instance at {sandbox.FileAt("api.sock")}; start one with `glusterbus up`\n");
        output.ShouldBeEmpty();
        code.ShouldBe(1);
    }

    [Fact]
    public async Task Every_problem_of_the_configuration_is_a_line_of_its_own()
    {
        using var sandbox = new Sandbox("\"clustr\": \"x\", \"notifiers\": { \"webhook\": { \"tiemout\": \"00:00:01\" } }");

        (int code, _, string error) = await sandbox.RunAsync("up");

        code.ShouldBe(2);
        string[] lines = error.TrimEnd('\n').Split('\n');
        lines.ShouldAllBe(line => line.StartsWith($"glusterbus: {sandbox.Config}:8: ", StringComparison.Ordinal));
        lines[0].ShouldContain("clustr: unknown key; did you mean 'cluster'?");
        lines[1].ShouldContain("notifiers.webhook.tiemout: unknown key; did you mean 'timeout'?");
    }

    [Fact]
    public async Task The_version_is_told_to_people_and_to_programs()
    {
        (_, string text, _) = await Executable.RunAsync(Plain, "version");
        (_, string json, _) = await Executable.RunAsync(Plain, "version", "--json");

        text.ShouldMatch("^glusterbus \\d+\\.\\d+\\.\\d+( \\([0-9a-f]{12}\\))?, \\.NET 10.*, linux-.*\n$");
        System.Text.Json.JsonDocument.Parse(json).RootElement.GetProperty("version").GetString()!.ShouldMatch("^\\d+\\.\\d+\\.\\d+$");
    }

    [Fact]
    public async Task Plugins_are_listed_one_object_a_line()
    {
        (int code, string output, _) = await Executable.RunAsync(Plain, "plugins", "--json");

        code.ShouldBe(0);
        output.TrimEnd('\n').Split('\n').Select(l => System.Text.Json.JsonDocument.Parse(l).RootElement.GetProperty("name").GetString())
            .ShouldBe(["get_state", "gf_event", "logs", "systemd", "console", "dbus", "email", "kafka", "script", "webhook"]);
    }

    [Fact]
    public async Task A_shell_can_complete_verbs()
    {
        (_, string script, _) = await Executable.RunAsync(Plain, "completion", "bash");
        (_, string found, _) = await Executable.RunAsync(Plain, "[suggest:14]", "glusterbus sta");

        script.ShouldContain("complete -o default -F _glusterbus glusterbus");
        found.Trim().ShouldBe("state");
    }

    [Fact]
    public async Task The_check_tells_problem_and_remedy_and_ends_with_1()
    {
        using var sandbox = new Sandbox("\"notifiers\": { \"hook\": { \"plugin\": \"script\", \"command\": [\"/nowhere/program\"] } }");

        (int code, string output, string error) = await sandbox.RunAsync("check", "--json");

        code.ShouldBe(1, output + error);
        error.ShouldBeEmpty();
        string[] lines = output.TrimEnd('\n').Split('\n');
        lines[0].ShouldBe($"{{\"subject\":\"configuration {sandbox.Config}\",\"verdict\":\"ok\",\"problem\":null,\"remedy\":null}}");
        lines.ShouldContain(line => line.Contains("notifiers.hook", StringComparison.Ordinal) && line.Contains("\"failed\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_check_of_a_sound_configuration_ends_with_0_and_leaves_nothing_behind()
    {
        using var sandbox = new Sandbox();

        (int code, string output, _) = await sandbox.RunAsync("check");

        code.ShouldBe(0, output);
        output.ShouldContain("(will be made)");
        Directory.Exists(sandbox.FileAt("data")).ShouldBeFalse();
    }

    [Fact]
    public async Task The_check_of_a_broken_configuration_names_file_and_line()
    {
        using var sandbox = new Sandbox("\"clustr\": \"x\"");

        (int code, string output, _) = await sandbox.RunAsync("check", "--json");

        code.ShouldBe(1);
        output.ShouldContain($"{sandbox.Config}:8: clustr: unknown key; did you mean 'cluster'?");
    }
}
