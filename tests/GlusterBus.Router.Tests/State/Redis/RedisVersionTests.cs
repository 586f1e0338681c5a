using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Router.Decisions;
using GlusterBus.Router.State;
using GlusterBus.Router.State.Redis;
using GlusterBus.TestKit;

namespace GlusterBus.Router.Tests.State.Redis;

/// <summary>Which Redis is old enough: the server itself says since when it knows each command and each option.</summary>
public sealed partial class RedisVersionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_that_is_sent_or_called_by_a_script_is_newer_than_the_oldest_server_that_is_promised()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        using var folder = new TemporaryFolder();
        await using (var monitor = ServerProcess.Start("/usr/bin/redis-cli", ["-p", scene.Server.Port.ToString(CultureInfo.InvariantCulture), "MONITOR"], folder.File("seen")))
        {
            await UntilAsync(folder.File("seen"), "OK");
            await UseEverythingAsync(scene);
            await scene.RedisAsync("ECHO", "the end");
            await UntilAsync(folder.File("seen"), "the end");
        }

        string[][] commands = [.. (await File.ReadAllLinesAsync(folder.File("seen"), Token)).Select(Words).Where(words => words.Length > 0 && words[0] != "ECHO")];
        string[] names = [.. commands.Select(words => words[0]).Distinct().Order(StringComparer.Ordinal)];
        names.ShouldBe(
            [
                "CLIENT", "CLUSTER", "EVAL", "EVALSHA", "HDEL", "HGET", "HLEN", "HMGET", "HSCAN", "HSET", "INFO", "PING", "SADD", "SMEMBERS", "TIME", "UNLINK", "XADD", "XLEN", "XRANGE",
                "XREVRANGE", "XTRIM",
            ],
            "so that a new one is looked at: add it here, to RedisAccess and to docs/security.md");
        foreach (string name in names)
        {
            using JsonDocument answer = JsonDocument.Parse(await scene.RedisAsync("--json", "COMMAND", "DOCS", name));
            JsonElement docs = answer.RootElement.GetProperty(name.ToLowerInvariant());
            Since(docs).ShouldBeLessThanOrEqualTo(RedisCheck.Oldest, name);
            string[] newer = [.. NewerTokens(docs)];
            foreach (string[] words in commands.Where(words => words[0] == name))
            {
                words[1..].Intersect(newer, StringComparer.OrdinalIgnoreCase).ShouldBeEmpty(string.Join(' ', words));
                if (docs.TryGetProperty("subcommands", out JsonElement subcommands) && words.Length > 1)
                {
                    string full = $"{name}|{words[1]}".ToLowerInvariant();
                    Since(subcommands.GetProperty(full)).ShouldBeLessThanOrEqualTo(RedisCheck.Oldest, full);
                }
            }
        }
    }

    [Fact]
    public async Task The_options_that_came_later_would_be_noticed()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        using JsonDocument trim = JsonDocument.Parse(await scene.RedisAsync("--json", "COMMAND", "DOCS", "XTRIM"));
        NewerTokens(trim.RootElement.GetProperty("xtrim")).ShouldBe(["MINID", "LIMIT"], ignoreOrder: true);
    }

    [Fact]
    public async Task The_page_promises_the_version_that_the_check_demands()
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "GlusterBus.sln")))
        {
            root = Path.GetDirectoryName(root)!;
        }

        (await File.ReadAllTextAsync(Path.Combine(root, "docs/distributed.md"), Token)).ShouldContain($"Redis {RedisCheck.Oldest.Major} or later");
    }

    private static async Task UseEverythingAsync(RedisScene scene)
    {
        RedisConnection connection = scene.Connect();
        await connection.ProbeAsync(Token);
        var clock = new FakeClock();
        var table = new RedisStateTable(RedisScene.Cluster, connection, scene.Options with { History = 10 }, clock);
        TableContents contents = await table.OpenAsync(Token);
        await table.CommitAsync(contents.Epoch, SampleCommits.Many(200, each: 1) with { SequenceBase = 1, Applied = new Dictionary<string, AppliedSequence> { ["n1/logs/x#1"] = new(1, 1) } }, Token);
        await table.PublishedAsync(contents.Epoch, contents.Published + 150, Token);
        await table.RestoreAsync(contents, Token);
        clock.Advance(TimeSpan.FromDays(500));
        await table.OpenAsync(Token);
        var clusters = new RedisClusters(connection);
        await clusters.AddAsync(0, RedisScene.Cluster, Token);
        await clusters.ListAsync(0, Token);
        await new RedisStateReader(RedisScene.Cluster, connection).CurrentAsync(Token);
        var archive = new RedisArchive(RedisScene.Cluster, connection, TimeProvider.System);
        await archive.QueryAsync(new ArchiveQuery { Newest = true }, Token);
        await archive.QueryAsync(new ArchiveQuery(), Token);
        await RedisCheck.RunAsync(scene.Options, RedisRole.Router, RedisScene.Cluster, TimeProvider.System, Token);
    }

    /// <summary>What MONITOR says of one command, without time and sender.</summary>
    private static string[] Words(string line) => line.IndexOf(']', StringComparison.Ordinal) is var end and > 0
        ? [.. Quoted().Matches(line[end..]).Select((match, i) => i == 0 ? match.Groups[1].Value.ToUpperInvariant() : match.Groups[1].Value)]
        : [];

    private static Version Since(JsonElement docs) => Version.Parse(docs.GetProperty("since").GetString()!) is var since ? new Version(since.Major, since.Minor) : since;

    /// <summary>The words of a command's options that the oldest server does not know.</summary>
    private static IEnumerable<string> NewerTokens(JsonElement element, bool isNewer = false)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            return element.EnumerateArray().SelectMany(item => NewerTokens(item, isNewer));
        }

        if (element.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        bool isNew = isNewer || (element.TryGetProperty("name", out _) && element.TryGetProperty("since", out _) && Since(element) > RedisCheck.Oldest);
        IEnumerable<string> own = isNew && element.TryGetProperty("token", out JsonElement token) ? [token.GetString()!] : [];
        return own.Concat(element.TryGetProperty("arguments", out JsonElement arguments) ? NewerTokens(arguments, isNew) : []);
    }

    private static async Task UntilAsync(string file, string text)
    {
        while (!File.Exists(file) || !(await File.ReadAllTextAsync(file, Token)).Contains(text, StringComparison.Ordinal))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }
    }

    [GeneratedRegex("\"((?:[^\"\\\\]|\\\\.)*)\"")]
    private static partial Regex Quoted();
}
