using System.Text.Json;
using GlusterBus.Host.Demo.Pipelines;
using GlusterBus.Router.State.Redis;
using GlusterBus.Runtime.Bus;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Deployment;

/// <summary>The accounts that secrets.sh makes are the ones that the code says each role needs.</summary>
public sealed class AccountsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Each_account_on_the_broker_has_the_least_permissions_of_its_role()
    {
        string secrets = await Deployed.SecretsAsync(_folder);
        using JsonDocument definitions = JsonDocument.Parse(File.ReadAllText(Path.Combine(secrets, "rabbitmq-definitions.json")));
        Dictionary<string, BrokerPermissions> made = definitions.RootElement.GetProperty("permissions").EnumerateArray().ToDictionary(
            p => p.GetProperty("user").GetString()!,
            p => new BrokerPermissions(p.GetProperty("configure").GetString()!, p.GetProperty("write").GetString()!, p.GetProperty("read").GetString()!),
            StringComparer.Ordinal);

        made["glusterbus-collector"].ShouldBe(BrokerPermissions.Collector);
        made["glusterbus-router"].ShouldBe(BrokerPermissions.Router);
        made["glusterbus-notifier"].ShouldBe(BrokerPermissions.Notifier);
        made["glusterbus-demo"].ShouldBe(DemoEar.LeastPermissions);
        made.Keys.Except(["glusterbus-collector", "glusterbus-router", "glusterbus-notifier", "glusterbus-demo"]).ShouldBe(["glusterbus-admin"]);
    }

    [Fact]
    public async Task Each_account_on_Redis_is_the_one_that_the_role_needs_with_the_hash_of_its_password()
    {
        string secrets = await Deployed.SecretsAsync(_folder);
        string[] lines = File.ReadAllLines(Path.Combine(secrets, "redis-accounts.acl"));

        lines.ShouldBe([RedisAccess.Default, Hashed(RedisAccess.Router, "redis-router"), Hashed(RedisAccess.Reader, "redis-reader")]);

        string Hashed(string account, string name)
        {
            byte[] password = System.Text.Encoding.ASCII.GetBytes(File.ReadAllText(Path.Combine(secrets, name)).TrimEnd());
            return account.Replace(">PASSWORD", "#" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(password)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Passwords_are_long_and_all_different_and_made_once()
    {
        string[] passwords = Passwords(await Deployed.SecretsAsync(_folder));
        passwords.ShouldAllBe(p => p.Length == 48);
        passwords.ShouldBeUnique();

        Passwords(await Deployed.SecretsAsync(_folder)).ShouldBe(passwords);
    }

    private static string[] Passwords(string secrets) =>
        [.. Directory.EnumerateFiles(secrets).Where(f => Path.GetExtension(f).Length == 0).Order(StringComparer.Ordinal).Select(f => File.ReadAllText(f).TrimEnd())];
}
