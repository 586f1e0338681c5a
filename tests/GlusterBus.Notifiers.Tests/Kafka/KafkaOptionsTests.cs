using System.ComponentModel.DataAnnotations;
using Confluent.Kafka;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Notifiers.Kafka;
using GlusterBus.Runtime.Configuration;
using GlusterBus.TestKit;

namespace GlusterBus.Notifiers.Tests.Kafka;

/// <summary>What is configured, what is refused, and what becomes of it.</summary>
public sealed class KafkaOptionsTests
{
    private static readonly KafkaOptions Plain = new() { Brokers = ["k1", "k2:9093"] };

    public static TheoryData<string, KafkaOptions> Mistakes => new()
    {
        { "brokers needs at least one, such as [\"kafka1:9092\"]", Plain with { Brokers = [] } },
        { "'k1:x' is no broker; write for example \"kafka1\" or \"kafka1:9092\"", Plain with { Brokers = ["k1:x"] } },
        { "topic and stateTopic must not be the same: one keeps all, the other the newest", Plain with { StateTopic = "glusterbus.transitions" } },
        { "give password or passwordFile, not both", Plain with { User = "u", Password = "x", PasswordFile = "/x" } },
        { "user needs passwordFile", Plain with { User = "u" } },
        { "a password needs a user", Plain with { PasswordFile = "/x" } },
        { "mechanism must be plain, scram-sha-256 or scram-sha-512", Plain with { Mechanism = "gssapi" } },
        { "with plain the password would travel in clear: set \"tls\": { \"enabled\": true }, or use scram-sha-512", Plain with { User = "u", PasswordFile = "/x", Mechanism = "plain" } },
        { "Kafka's brokers name each other, so their certificates must bear their own names: leave serverName out", Plain with { Tls = new TlsOptions { Enabled = true, ServerName = "k" } } },
    };

    [Theory]
    [MemberData(nameof(Mistakes), DisableDiscoveryEnumeration = true)]
    public void A_mistake_is_told_in_one_line(string expected, KafkaOptions options)
    {
        var problems = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), problems, validateAllProperties: true);
        problems.ShouldHaveSingleItem().ErrorMessage.ShouldBe(expected);
    }

    [Fact]
    public void A_connection_is_made_as_configured_with_the_password_out_of_its_file()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("password"), "hunter2\n");
        KafkaOptions options = Plain with
        {
            User = "u",
            PasswordFile = folder.File("password"),
            Tls = new TlsOptions { Enabled = true, CaFile = "/ca.pem", CertificateFile = "/c.pem", KeyFile = "/k.pem" },
        };

        ClientConfig config = KafkaConnection.Of(options);

        (config.BootstrapServers, config.SecurityProtocol, config.SaslMechanism, config.SaslUsername, config.SaslPassword)
            .ShouldBe(("k1:9092,k2:9093", SecurityProtocol.SaslSsl, SaslMechanism.ScramSha512, "u", "hunter2"));
        (config.SslCaLocation, config.SslCertificateLocation, config.SslKeyLocation).ShouldBe(("/ca.pem", "/c.pem", "/k.pem"));
        (config.EnableSslCertificateVerification, config.SslEndpointIdentificationAlgorithm).ShouldBe((null, null), "the client's own defaults verify certificate and name");
        KafkaConnection.Of(Plain).SecurityProtocol.ShouldBe(SecurityProtocol.Plaintext);
        KafkaConnection.Of(Plain with { Tls = new TlsOptions { Enabled = true } }).SslCaLocation.ShouldBe("probe", "the system's authorities");
    }

    [Fact]
    public async Task A_password_file_that_is_missing_is_this_notifiers_trouble_and_named()
    {
        await using var notifier = new KafkaNotifier(Plain with { User = "u", PasswordFile = "/nowhere/password" });
        Contracts.Messages.Transition t = SampleTransitions.Brick();

        DeliveryFailedException failure = await Should.ThrowAsync<DeliveryFailedException>(() =>
            notifier.NotifyAsync(new Contracts.Plugins.Delivery(t, Contracts.Messages.TransitionJson.Write(t), 1), TestContext.Current.CancellationToken));

        failure.Message.ShouldContain("/nowhere/password");
        (await notifier.CheckAsync(TestContext.Current.CancellationToken)).ShouldHaveSingleItem().Problem!.ShouldContain("/nowhere/password");
    }
}
