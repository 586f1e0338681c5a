using Confluent.Kafka;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Notifiers.Kafka;

/// <summary>What every connection to Kafka is set to. Files are read here, so that renewed ones count from the next connection on.</summary>
internal static class KafkaConnection
{
    /// <summary>The brokers for people: <c>kafka1:9092, kafka2:9092</c>.</summary>
    public static string Name(KafkaOptions options) => string.Join(", ", options.Brokers.Select(broker => HostAndPort.TryParse(broker, 9092)!.ToString()));

    /// <exception cref="ConfigurationException">The password's file can't be read.</exception>
    public static ClientConfig Of(KafkaOptions options)
    {
        var config = new ClientConfig
        {
            ClientId = "glusterbus",
            BootstrapServers = string.Join(',', options.Brokers.Select(broker => HostAndPort.TryParse(broker, 9092)!.ToString())),
            SecurityProtocol = (options.Tls.Enabled, options.User is not null) switch
            {
                (false, false) => SecurityProtocol.Plaintext,
                (true, false) => SecurityProtocol.Ssl,
                (false, true) => SecurityProtocol.SaslPlaintext,
                (true, true) => SecurityProtocol.SaslSsl,
            },

            // Topics are made on purpose, with their settings, and never by a typing mistake.
            AllowAutoCreateTopics = false,
            SocketNagleDisable = true,
            SocketKeepaliveEnable = true,
            ReconnectBackoffMs = 100,
            ReconnectBackoffMaxMs = 2000,
        };
        if (options.Tls.Enabled)
        {
            config.SslCaLocation = options.Tls.CaFile ?? "probe";
            config.SslCertificateLocation = options.Tls.CertificateFile;
            config.SslKeyLocation = options.Tls.KeyFile;
        }

        if (options.User is { } user)
        {
            config.SaslUsername = user;
            config.SaslPassword = SecretText.Read(options.Password, options.PasswordFile, "passwordFile");
            config.SaslMechanism = options.Mechanism switch
            {
                "plain" => SaslMechanism.Plain,
                "scram-sha-256" => SaslMechanism.ScramSha256,
                _ => SaslMechanism.ScramSha512,
            };
        }

        return config;
    }
}
