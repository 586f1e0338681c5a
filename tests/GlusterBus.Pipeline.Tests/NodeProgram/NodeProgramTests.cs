using System.Text.Json;
using System.Text.Json.Nodes;
using GlusterBus.Host.Composition;
using GlusterBus.Pipeline.Tests.Verbs;
using GlusterBus.Runtime.Configuration;
using GlusterBus.Runtime.Plugins;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.NodeProgram;

/// <summary>The program for Gluster nodes, which is compiled ahead of time, answers in the words of the whole program: what its compiler can't see (plugins,
/// options, their bounds) is asked of it here.</summary>
[Collection(Alone.Name)]
public sealed class NodeProgramTests : IClassFixture<NodeProgramBuild>, IDisposable
{
    private static readonly Dictionary<string, string?> Environment = new() { ["NOTIFY_SOCKET"] = null };

    private readonly TemporaryFolder _folder = new();

    public NodeProgramTests() => Assert.SkipWhen(NodeProgramBuild.Obstacle is not null, NodeProgramBuild.Obstacle ?? "");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_is_one_file_with_the_verbs_of_a_node()
    {
        (int code, string output, string error) = await NodeProgramBuild.RunAsync("--help");

        (code, error).ShouldBe((0, ""));
        output.Split("Commands:\n")[1].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim().Split(' ')[0])
            .ShouldBe(["check", "collect", "completion", "emit", "health", "plugins", "version"]);
        Directory.GetFiles(Path.GetDirectoryName(NodeProgramBuild.Path)!).Select(Path.GetFileName).ShouldBe(["glusterbus", "GlusterBus.Collectors.xml"], ignoreOrder: true);
    }

    [Fact]
    public async Task It_says_where_the_other_verbs_are()
    {
        (int code, string output, string error) = await NodeProgramBuild.RunAsync("route");

        (code, output).ShouldBe((2, ""));
        error.ShouldBe("glusterbus: there is no verb 'route' in the program for Gluster nodes; see `glusterbus --help`\n");
    }

    [Fact]
    public async Task Its_plugins_are_the_collectors_of_the_whole_program_in_every_word()
    {
        string[] own = Lines(await NodeProgramBuild.RunAsync("plugins", "--json"));
        string[] whole = Lines(await Executable.RunAsync(Environment, "plugins", "--json"));

        own.ShouldBe(whole.Where(line => (string?)JsonNode.Parse(line)!["kind"] == "collector"));
        own.ShouldContain(line => line.Contains("\"description\":\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_option_binds_and_is_held_to_its_bounds()
    {
        string good = await EveryOptionAsync(_ => { });
        string bad = await EveryOptionAsync(root =>
        {
            root["archive"]!["keep"] = "00:00:01";
            root["rabbitMq"]!["hosts"] = new JsonArray();
            root["rabbitMq"]!["partitions"] = 0;
            root["collectors"]!["logs"]!["startAt"] = "middle";
            root["collectors"]!["get_state"]!["interval"] = "00:00:00";
            root["collectors"]!["gf_event"]!["prot"] = 1;
        });

        JsonNode.Parse(Lines(await NodeProgramBuild.RunAsync("check", "--json", "--config", good))[0])!["verdict"]!.ToString().ShouldBe("ok");
        (int code, string output, string error) = await NodeProgramBuild.RunAsync("collect", "--config", bad);
        (code, output, error).ShouldBe(await Executable.RunAsync(Environment, "collect", "--config", bad));
        code.ShouldBe(2, error);
        error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(6, error);
    }

    [Fact]
    public async Task What_the_file_says_of_notifiers_is_for_others()
    {
        string file = _folder.File("glusterbus.json");
        await File.WriteAllTextAsync(file, """{ "notifiers": { "ops": { "plugin": "webhook", "url": "http://127.0.0.1:1/" } } }""", TestContext.Current.CancellationToken);

        JsonNode.Parse(Lines(await NodeProgramBuild.RunAsync("check", "--json", "--config", file))[0])!["verdict"]!.ToString().ShouldBe("ok");
    }

    /// <summary>A file with every option there is, each as it is by default.</summary>
    private async Task<string> EveryOptionAsync(Action<JsonNode> change)
    {
        JsonNode root = WithValues(JsonSerializer.SerializeToNode(new GlusterBusOptions(), StrictBinder.Json)!);
        root["dataDirectory"] = _folder.File("data");
        root["api"]!["socket"] = _folder.File("api.sock");
        var collectors = new JsonObject();
        foreach (PluginEntry plugin in PluginFactory.Catalog.Collectors)
        {
            JsonNode section = WithValues(JsonSerializer.SerializeToNode(Activator.CreateInstance(plugin.Spec.OptionsType), plugin.Spec.OptionsType, StrictBinder.Json)!);
            section["enabled"] = true;
            section["plugin"] = plugin.Spec.Name;
            collectors[plugin.Spec.Name] = section;
        }

        root["collectors"] = collectors;
        change(root);
        string file = _folder.File($"{Guid.NewGuid():N}.json");
        await File.WriteAllTextAsync(file, root.ToJsonString(), TestContext.Current.CancellationToken);
        return file;
    }

    /// <summary>Without what is null, which no option may be.</summary>
    private static JsonNode WithValues(JsonNode node)
    {
        if (node is JsonObject section)
        {
            foreach ((string key, JsonNode? value) in section.ToArray())
            {
                if (value is null)
                {
                    section.Remove(key);
                }
                else
                {
                    WithValues(value);
                }
            }
        }

        return node;
    }

    private static string[] Lines((int Code, string Output, string Error) run)
    {
        run.Error.ShouldBe("");
        return run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
