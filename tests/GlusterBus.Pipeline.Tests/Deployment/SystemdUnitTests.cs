using System.Globalization;
using GlusterBus.Host.Composition;
using GlusterBus.Runtime.Configuration;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Deployment;

/// <summary>The units in <c>compose/systemd</c>: what systemd says of them, and whether they fit the program and each other.</summary>
public sealed class SystemdUnitTests : IDisposable
{
    private const string Analyzer = "/usr/bin/systemd-analyze";

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Units => [.. UnitFile.Names];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Units))]
    public async Task Systemd_finds_no_fault_with_a_unit(string unit)
    {
        (int code, string output) = await AnalyzeAsync("verify", "--man=no", "--recursive-errors=no", Installed(unit));

        output.Split('\n').Where(line => line.Contains("glusterbus", StringComparison.Ordinal)).ShouldBeEmpty();
        code.ShouldBe(0, output);
    }

    /// <remarks>The measure is systemd's own, in tenths: 0 is a service that can do nothing, 100 one that may do everything.</remarks>
    [Theory]
    [InlineData("glusterbus-route.service", 15)]
    [InlineData("glusterbus-notify.service", 15)]
    [InlineData("glusterbus-collect.service", 25)]
    [InlineData("glusterbus.service", 25)]
    public async Task A_unit_exposes_the_machine_to_little(string unit, int tenths)
    {
        (int code, string output) = await AnalyzeAsync("security", "--offline=true", "--no-pager", "--threshold=" + tenths.ToString(CultureInfo.InvariantCulture), Installed(unit));

        code.ShouldBe(0, output);
    }

    /// <remarks>The simulated cluster goes through collectors, router, database and delivery; the runtime needs most of the calls for itself.</remarks>
    [Theory]
    [MemberData(nameof(Units))]
    public async Task The_program_works_with_the_system_calls_and_the_powers_that_a_unit_leaves_it(string name)
    {
        Assert.SkipUnless(File.Exists(Analyzer) && Environment.IsPrivilegedProcess, "needs root and systemd-analyze (package systemd)");
        string powers = UnitFile.Read(name)["CapabilityBoundingSet"].ToLowerInvariant().Replace("cap_", ",+", StringComparison.Ordinal);

        (int code, string output) = await Deployed.RunAsync("setpriv", [
            "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all" + powers,
            "/usr/bin/python3", Path.Combine(AppContext.BaseDirectory, "Deployment", "within-unit.py"), Path.Combine(Deployed.Folder, "systemd", name),
            "dotnet", Path.Combine(AppContext.BaseDirectory, "glusterbus.dll"), "demo", "--once", "--speed", "10", "--seed", "7",
        ]);

        code.ShouldBe(0, output);
    }

    [Fact]
    public void Every_unit_has_its_bound_of_exposure() =>
        UnitFile.Names.ShouldBe(["glusterbus-collect.service", "glusterbus-notify.service", "glusterbus-route.service", "glusterbus.service"]);

    [Theory]
    [MemberData(nameof(Units))]
    public void A_unit_starts_a_verb_and_gives_it_the_folders_that_it_writes_to(string name)
    {
        UnitFile unit = UnitFile.Read(name);
        string verb = Deployed.ShouldBeUnderstood(unit.Arguments);
        verb.ShouldBe(name == "glusterbus.service" ? "up" : name["glusterbus-".Length..^".service".Length]);

        GlusterBusOptions options = Deployed.Load(unit.Environment);
        options = verb == "up" ? options : RolePaths.For(verb, options);
        ("/var/lib/" + unit["StateDirectory"]).ShouldBe(options.DataDirectory);
        ("/run/" + unit["RuntimeDirectory"]).ShouldBe(Path.GetDirectoryName(options.Api.Socket));
        unit["Type"].ShouldBe("notify");
        unit["NoNewPrivileges"].ShouldBe("yes");
        unit["ProtectSystem"].ShouldBe("strict");
    }

    [Theory]
    [MemberData(nameof(Units))]
    public async Task The_passwords_of_a_unit_are_those_that_the_accounts_are_made_with(string name)
    {
        UnitFile unit = UnitFile.Read(name);
        GlusterBusOptions options = Deployed.Load(unit.Environment);
        string secrets = await Deployed.SecretsAsync(_folder);
        string[] used = [.. new[] { options.RabbitMq.PasswordFile, options.Redis.PasswordFile }.OfType<string>()];

        unit.Credentials.Keys.ShouldBe(used, ignoreOrder: true);
        foreach ((string path, string file) in unit.Credentials)
        {
            File.Exists(Path.Combine(secrets, Path.GetFileName(file))).ShouldBeTrue(file);
            string user = path.Contains("redis", StringComparison.Ordinal) ? options.Redis.User! : options.RabbitMq.User;
            Path.GetFileName(file).ShouldEndWith(user["glusterbus".Length..]);
        }
    }

    [Fact]
    public void Whoever_listens_to_Glusters_events_stops_glustereventsd_and_each_other()
    {
        UnitFile.Read("glusterbus-collect.service")["Conflicts"].Split(' ').ShouldBe(["glustereventsd.service", "glusterbus.service"]);
        UnitFile.Read("glusterbus.service")["Conflicts"].Split(' ').ShouldBe(["glustereventsd.service", "glusterbus-collect.service"]);
    }

    private static Task<(int Code, string Output)> AnalyzeAsync(params string[] arguments)
    {
        Assert.SkipUnless(File.Exists(Analyzer), "systemd-analyze is not installed (package systemd)");
        return Deployed.RunAsync(Analyzer, arguments);
    }

    /// <summary>The unit beside the others, with the program where the build has put it: systemd looks whether it is there.</summary>
    private string Installed(string unit)
    {
        foreach (string name in UnitFile.Names)
        {
            File.WriteAllText(_folder.File(name), Deployed.Read("systemd/" + name).Replace("/opt/glusterbus/glusterbus", Path.Combine(AppContext.BaseDirectory, "glusterbus"), StringComparison.Ordinal));
        }

        return _folder.File(unit);
    }
}
