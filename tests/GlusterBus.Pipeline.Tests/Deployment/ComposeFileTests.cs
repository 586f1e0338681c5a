using GlusterBus.Host.Composition;
using GlusterBus.Notifiers.Kafka;
using GlusterBus.Runtime.Configuration;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Deployment;

/// <summary>What can be said of compose.yaml without Docker.</summary>
public sealed class ComposeFileTests
{
    private static readonly ComposeFile Compose = ComposeFile.Read();

    public static TheoryData<string> Services => [.. Compose.Services.Select(s => s.Name)];

    public static TheoryData<string> Roles => [.. Compose.Roles.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_can_do_little_and_tells_how_it_is(string name)
    {
        ComposeService service = Compose.Service(name);
        service.HealthCheck.Count.ShouldBeGreaterThan(1);
        service.Members["read_only"].ShouldBe("true");
        service.List("cap_drop").ShouldBe(["ALL"]);
        service.List("security_opt").ShouldContain("no-new-privileges:true");
        ((string)service.Members["user"]).Split(':')[0].ShouldNotBeOneOf("root", "0", "");
        service.Members["restart"].ShouldBe("unless-stopped");
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void An_image_has_a_version(string name)
    {
        string[] parts = Compose.Service(name).Image.Split(':');
        parts.Length.ShouldBe(2);
        parts[1].ShouldMatch("^[0-9]");
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public void A_roles_command_and_health_check_are_verbs_that_the_program_knows(string name)
    {
        ComposeService service = Compose.Service(name);
        Deployed.ShouldBeUnderstood(service.Command).ShouldBe(name == "archive" ? "notify" : name);
        service.HealthCheck.Take(3).ShouldBe(["CMD", "dotnet", "/app/glusterbus.dll"]);
        Deployed.ShouldBeUnderstood(service.HealthCheck.Skip(3)).ShouldBe("health");
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public void A_roles_environment_is_a_configuration_whose_secrets_and_folders_are_there(string name)
    {
        ComposeService service = Compose.Service(name);
        GlusterBusOptions options = Deployed.Load(service.Environment);

        options.RabbitMq.Hosts.ShouldAllBe(host => Compose.Services.Any(s => s.Name == host));
        service.Secrets.Keys.ShouldContain(options.RabbitMq.PasswordFile!);
        if (options.Redis.User is not null)
        {
            options.Redis.Hosts.ShouldAllBe(host => Compose.Services.Any(s => s.Name == host));
            service.Secrets.Keys.ShouldContain(options.Redis.PasswordFile!);
        }

        // What a role writes outside of these would fail: the rest of the container can't be written.
        service.Temporary.ShouldContain("/tmp");
        service.Temporary.ShouldContain(folder => RolePaths.Socket(service.Command[0]).StartsWith(folder + "/", StringComparison.Ordinal));
        if (name != "demo")
        {
            service.Temporary.ShouldContain(options.DataDirectory);
        }
    }

    [Fact]
    public async Task Every_secret_and_file_that_is_named_exists_once_the_accounts_are_made()
    {
        using var folder = new TemporaryFolder();
        string secrets = await Deployed.SecretsAsync(folder);
        foreach ((string name, string file) in Compose.Secrets)
        {
            file.ShouldStartWith("./secrets/");
            File.Exists(Path.Combine(secrets, Path.GetFileName(file))).ShouldBeTrue(name);
        }

        foreach (ComposeService service in Compose.Services)
        {
            service.Secrets.Values.ShouldBeSubsetOf(Compose.Secrets.Keys, service.Name);
            service.DependsOn.ShouldBeSubsetOf(Compose.Services.Select(s => s.Name), service.Name);
            foreach (string source in service.List("volumes").Select(v => v.Split(':')[0]))
            {
                (source.StartsWith("./", StringComparison.Ordinal) ? File.Exists(Path.Combine(Deployed.Folder, source)) : Compose.Volumes.Contains(source)).ShouldBeTrue(source);
            }
        }
    }

    [Fact]
    public void The_profile_kafka_has_a_broker_and_an_archive_that_goes_to_it()
    {
        ComposeService archive = Compose.Service("archive");
        ComposeService broker = Compose.Service("kafka");
        archive.List("profiles").ShouldBe(["kafka"]);
        broker.List("profiles").ShouldBe(["kafka"]);
        archive.DependsOn.ShouldContain("kafka");
        ConfiguredPlugin notifier = Deployed.LoadAll(archive.Environment).Notifiers.ShouldHaveSingleItem();
        notifier.Options.ShouldBeOfType<KafkaOptions>().Brokers.ShouldBe(["kafka"]);
        notifier.Filter.IsAll.ShouldBeTrue("an archive wants everything");
        broker.Environment["KAFKA_ADVERTISED_LISTENERS"].ShouldBe("PLAINTEXT://kafka:9092", "clients go to where the broker says that it is");
        Compose.Services.Where(s => s.Name != "archive").SelectMany(s => s.DependsOn).ShouldNotContain("kafka", "the others need none");
    }

    [Fact]
    public void There_is_a_router_that_stands_by()
    {
        Dictionary<string, object> deploy = ComposeFile.Map(Compose.Service("route").Members["deploy"]);
        int.Parse((string)deploy["replicas"], System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThan(1);
    }
}
