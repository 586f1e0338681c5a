using System.Collections;
using System.Text;
using GlusterBus.Contracts.Entities;
using GlusterBus.Runtime.Configuration;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Contracts.Tests.Configuration;

public sealed class LoadedConfigurationTests
{
    [Fact]
    public void No_file_at_all_gives_the_defaults_of_a_node()
    {
        using var folder = new TemporaryFolder();

        LoadedConfiguration loaded = LoadedConfiguration.From(ConfigurationDocument.Load(folder.File("none.json"), mustExist: false, new Hashtable()), Sample.Catalog);

        loaded.Options.Cluster.ShouldBe("gluster");
        loaded.Options.DataDirectory.ShouldBe("/var/lib/glusterbus");
        loaded.Options.Api.Socket.ShouldBe("/run/glusterbus/glusterbus.sock");
        loaded.Collectors.Select(c => c.Name).ShouldBe(["logs"]);
        loaded.Notifiers.ShouldBeEmpty();
    }

    [Fact]
    public void A_file_asked_for_by_name_must_be_there()
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("none.json");

        Should.Throw<ConfigurationException>(() => ConfigurationDocument.Load(file, mustExist: true, new Hashtable()))
            .Message.ShouldBe($"{file}: there is no such file");
    }

    [Fact]
    public void Comments_and_trailing_commas_are_taken_and_every_section_is_bound()
    {
        LoadedConfiguration loaded = Load("""
            // The production cluster
            {
              "$schema": "configuration.v1.json",
              "cluster": "prod", /* by name */
              "log": { "level": "debug" },
              "collectors": { "logs": { "directory": "/srv/log", "interval": "00:01:00", "nested": { "depth": 3 }, } },
              "notifiers": {
                "ops": { "plugin": "webhook", "url": "https://ops/", "clusters": ["prod"], "channels": ["brick", "all"], "entities": ["brick/gv0/*"], "minimumSeverity": "error" },
                "webhook": { "enabled": false, "url": "https://off/" },
              },
            }
            """);

        loaded.Options.Cluster.ShouldBe("prod");
        loaded.Options.Log.Level.ShouldBe(LogLevel.Debug);
        var logs = loaded.Collectors.ShouldHaveSingleItem().Options.ShouldBeOfType<SampleLogOptions>();
        (logs.Directory, logs.Interval, logs.Nested.Depth, logs.Port).ShouldBe(("/srv/log", TimeSpan.FromMinutes(1), 3, 55555));
        ConfiguredPlugin ops = loaded.Notifiers.ShouldHaveSingleItem();
        ops.Name.ShouldBe("ops");
        ops.Options.ShouldBeOfType<SampleHookOptions>().Url.ShouldBe(new Uri("https://ops/"));
        ops.Filter.MinimumSeverity.ShouldBe(Severity.Error);
        ops.Filter.Clusters.ShouldBe(["prod"]);
        ops.Filter.Entities.ShouldBe(["brick/gv0/*"]);
    }

    [Fact]
    public void A_collector_that_runs_by_default_can_be_switched_off()
    {
        Load("""{ "collectors": { "logs": { "enabled": false }, "peer_status": {} } }""").Collectors.Select(c => c.Name).ShouldBe(["peer_status"]);
    }

    [Fact]
    public void Every_problem_is_told_at_once_in_the_order_of_the_file()
    {
        ConfigurationException e = Failure("""
            {
              "clustr": "prod",
              "collectors": {
                "logs": { "directry": "/srv", "port": 0 },
                "nope": {}
              },
              "notifiers": { "webhook": {} }
            }
            """);

        e.Problems.Select(p => $"{p.Where} {p.Path}").ShouldBe(["g.json:2 clustr", "g.json:4 collectors.logs.directry", "g.json:5 collectors.nope", "g.json:7 notifiers.webhook.url"]);
    }

    [Theory]
    [InlineData("""{ "collectors": { "logs": { "directry": "/x" } } }""",
        "g.json:1: collectors.logs.directry: unknown key; did you mean 'directory'? known keys: directory, enabled, files, first, interval, nested, plugin, port, second")]
    [InlineData("{\n\n \"collectors\": {\n  \"logs\": { \"nested\": {\n   \"depth\": 11 } } } }", "g.json:5: collectors.logs.nested.depth: must be from 0 to 10; it is 11")]
    [InlineData("""{ "collectors": { "logs": { "interval": "5 s" } } }""",
        "g.json:1: collectors.logs.interval: \"5 s\" is no value here; expected a duration \"hh:mm:ss\" such as \"00:00:30\", or \"d.hh:mm:ss\"")]
    [InlineData("""{ "collectors": { "logs": { "interval": "02:00:00" } } }""", "g.json:1: collectors.logs.interval: must be from 00:00:01 to 01:00:00; it is 02:00:00")]
    [InlineData("""{ "collectors": { "logs": { "port": "many" } } }""", "g.json:1: collectors.logs.port: \"many\" is no value here; expected a whole number")]
    [InlineData("""{ "collectors": { "logs": { "files": "a" } } }""", "g.json:1: collectors.logs.files: \"a\" is no value here; expected a list [ … ]")]
    [InlineData("{ \"collectors\": { \"logs\": { \"files\": [\"a\",\n 7] } } }", "g.json:2: collectors.logs.files[1]: 7 is no value here; expected a text in quotes")]
    [InlineData("""{ "collectors": { "logs": { "files": null } } }""", "g.json:1: collectors.logs.files: null is no value here; expected a list [ … ], or leave the key out")]
    [InlineData("""{ "collectors": { "logs": { "first": true, "second": true } } }""", "g.json:1: collectors.logs.second: first and second exclude each other")]
    [InlineData("""{ "collectors": { "logs": true } }""", "g.json:1: collectors.logs: true is no value here; expected an object { … }")]
    [InlineData("""{ "collectors": [] }""", "g.json:1: collectors: [] is no value here; expected an object { … }")]
    [InlineData("""{ "collectors": { "log": {} } }""",
        "g.json:1: collectors.log: there is no collector 'log'; did you mean 'logs'? there are: logs, peer_status; a name of your own needs \"plugin\"")]
    [InlineData("""{ "notifiers": { "ops": { "plugin": "webhok" } } }""", "g.json:1: notifiers.ops.plugin: there is no notifier 'webhok'; did you mean 'webhook'? there are: webhook")]
    [InlineData("""{ "notifiers": { "webhook": { "url": "http://x/", "minimumSeverity": "bad" } } }""",
        "g.json:1: notifiers.webhook.minimumSeverity: \"bad\" is no value here; expected one of: ok, info, unknown, warning, error, critical")]
    [InlineData("""{ "notifiers": { "webhook": { } } }""", "g.json:1: notifiers.webhook.url: is required and missing")]
    [InlineData("""{ "api": { "listen": "here" } }""", "g.json:1: api.listen: 'here' is no address and port; write for example \"127.0.0.1:8055\" or \"[::]:8055\"")]
    [InlineData("""{ "api": { "dashboard": "65536" } }""", "g.json:1: api.dashboard: '65536' is neither a port nor an address and port; write for example \"8056\" (on loopback) or \"[::]:8056\"")]
    [InlineData("""{ "api": { "names": ["http://x"] } }""", "g.json:1: api.names: 'http://x' is no host name; write for example \"status.example.com\" or \"status.example.com:8443\"")]
    [InlineData("""{ "cluster": "a b" }""", "g.json:1: cluster: must match ^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$; it is 'a b'")]
    [InlineData("""{ "log": { "level": "loud" } }""",
        "g.json:1: log.level: \"loud\" is no value here; expected one of: trace, debug, information, warning, error, critical, none")]
    [InlineData("{\n \"cluster\": \"a\",\n \"cluster\": \"b\" }", "g.json:3: cluster: this key is there twice; keep one of them")]
    [InlineData("[]", "g.json:1: expected one JSON object { … }")]
    public void An_error_names_the_file_the_line_the_path_and_what_would_be_right(string json, string expected)
    {
        Failure(json).Message.Split('\n').ShouldContain(expected);
    }

    [Theory]
    [InlineData("8056", "127.0.0.1:8056")]
    [InlineData("0.0.0.0:8056", "0.0.0.0:8056")]
    [InlineData("[::]:8056", "[::]:8056")]
    public void A_dashboard_that_is_given_a_port_alone_is_on_loopback(string written, string expected) =>
        new ApiOptions { Dashboard = written }.DashboardEndPoint()!.ToString().ShouldBe(expected);

    [Fact]
    public void A_channel_that_does_not_exist_is_refused_with_those_that_do()
    {
        Failure("""{ "notifiers": { "webhook": { "url": "http://x/", "channels": ["brik"] } } }""")
            .Message.ShouldStartWith("g.json:1: notifiers.webhook.channels[0]: there is no channel 'brik'; did you mean 'brick'? there are: all, bitrot, brick,");
    }

    [Fact]
    public void A_syntax_error_is_told_with_its_line()
    {
        Failure("{\n  \"cluster\": \n}").Message.ShouldStartWith("g.json:3: not JSON: ");
    }

    [Fact]
    public void The_environment_goes_over_the_file_whatever_its_case()
    {
        LoadedConfiguration loaded = Load(
            """{ "collectors": { "logs": { "directory": "/file", "port": 7 } } }""",
            ("GLUSTERBUS__COLLECTORS__LOGS__DIRECTORY", "/env"),
            ("GLUSTERBUS__COLLECTORS__LOGS__NESTED__DEPTH", "4"),
            ("GLUSTERBUS__DATADIRECTORY", "/data"),
            ("GLUSTERBUS__NODE", "10"),
            ("GLUSTERBUS__NOTIFIERS__OPS__PLUGIN", "webhook"),
            ("GLUSTERBUS__NOTIFIERS__OPS__URL", "http://env/"),
            ("GLUSTERBUS__NOTIFIERS__OPS__MINIMUMSEVERITY", "error"),
            ("GLUSTERBUS__NOTIFIERS__OPS__CHANNELS", """["brick"]"""),
            ("GLUSTERBUS__NOTIFIERS__OPS__CLUSTERS", """["prod"]"""));

        loaded.Options.DataDirectory.ShouldBe("/data");
        loaded.Options.Node.ShouldBe("10");
        var logs = loaded.Collectors.ShouldHaveSingleItem().Options.ShouldBeOfType<SampleLogOptions>();
        (logs.Directory, logs.Port, logs.Nested.Depth).ShouldBe(("/env", 7, 4));
        ConfiguredPlugin ops = loaded.Notifiers.ShouldHaveSingleItem();
        ops.Name.ShouldBe("ops");
        ops.Filter.Channels.ShouldBe(["brick"]);
        ops.Filter.MinimumSeverity.ShouldBe(Severity.Error);
        ops.Filter.Clusters.ShouldBe(["prod"]);
    }

    [Fact]
    public void A_wrong_value_from_the_environment_is_told_with_the_variable()
    {
        var environment = new Hashtable { ["GLUSTERBUS__COLLECTORS__LOGS__PORT"] = "99999", ["GLUSTERBUS__CLUSTR"] = "x", ["PATH"] = "/bin" };

        ConfigurationException e = Should.Throw<ConfigurationException>(
            () => LoadedConfiguration.From(ConfigurationDocument.Parse("{}"u8, "g.json", environment), Sample.Catalog));

        e.Problems.Select(p => p.ToString()).ShouldBe([
            "environment variable GLUSTERBUS__CLUSTR: clustr: " + Unknown("cluster"),
            "environment variable GLUSTERBUS__COLLECTORS__LOGS__PORT: collectors.logs.port: must be from 1 to 65535; it is 99999"]);
    }

    [Fact]
    public void The_example_of_every_sample_binds()
    {
        foreach (var plugin in Sample.Catalog.Collectors.Concat(Sample.Catalog.Notifiers))
        {
            string part = plugin.IsCollector ? "collectors" : "notifiers";
            Load($$"""{ "{{part}}": { "{{plugin.Spec.Name}}": {{plugin.Spec.Example}} } }""");
        }
    }

    private static string Unknown(string meant) =>
        $"unknown key; did you mean '{meant}'? known keys: $schema, api, archive, cluster, collectors, dataDirectory, gluster, log, node, notifiers, rabbitMq, redis, spool, telemetry";

    private static ConfigurationException Failure(string json) => Should.Throw<ConfigurationException>(() => Load(json));

    private static LoadedConfiguration Load(string json, params (string Name, string Value)[] environment)
    {
        var variables = new Hashtable();
        foreach ((string name, string value) in environment)
        {
            variables[name] = value;
        }

        return LoadedConfiguration.From(ConfigurationDocument.Parse(Encoding.UTF8.GetBytes(json), "g.json", variables), Sample.Catalog);
    }
}
