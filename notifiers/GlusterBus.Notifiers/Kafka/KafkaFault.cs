using Confluent.Kafka;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Runtime.Configuration;
using GlusterBus.Runtime.Text;

namespace GlusterBus.Notifiers.Kafka;

/// <summary>What an error of Kafka's client means. Pure; no text of it holds the password, whatever a broker says.</summary>
internal static class KafkaFault
{
    private const int MaximumReason = 200;

    /// <summary>True when this very record will never be taken: another attempt would end in the same way.</summary>
    public static bool IsRefusal(ErrorCode code) => code is ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge or ErrorCode.InvalidMsgSize
        or ErrorCode.InvalidTimestamp or ErrorCode.InvalidRecord or ErrorCode.Local_InvalidArg or ErrorCode.PolicyViolation;

    /// <summary>The failure for people and metrics.</summary>
    /// <param name="error">What became of the record or the request.</param>
    /// <param name="connection">What the client last said of its connections; tells more than that time ran out, or that there is none. Null when it said nothing.</param>
    /// <param name="options">Who was asked.</param>
    public static DeliveryFailedException Of(Error error, Error? connection, KafkaOptions options)
    {
        Error told = connection is not null && (IsTimeout(error.Code) || error.Code is ErrorCode.Local_Transport or ErrorCode.Local_AllBrokersDown) ? connection : error;
        string brokers = KafkaConnection.Name(options);
        return told.Code switch
        {
            // What a broker says of a login may repeat it.
            ErrorCode.Local_Authentication or ErrorCode.SaslAuthenticationFailed or ErrorCode.UnsupportedSaslMechanism or ErrorCode.IllegalSaslState =>
                new(FailureKind.Denied, $"Kafka at {brokers} refuses the login of user '{options.User}' by {options.Mechanism}"),
            // A broker that gives no reason.
            ErrorCode.Local_Transport when told.Reason.Contains("SASL authentication error", StringComparison.Ordinal) =>
                new(FailureKind.Denied, $"Kafka at {brokers} ends the connection at the login of user '{options.User}' by {options.Mechanism}"),
            ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed or ErrorCode.TransactionalIdAuthorizationFailed or ErrorCode.SecurityDisabled =>
                new(FailureKind.Denied, $"Kafka at {brokers} does not allow it: {Bounded(told.Reason)}"),
            ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition =>
                new(FailureKind.Other, $"Kafka at {brokers} has not that topic: {Bounded(told.Reason)}"),
            _ when IsTimeout(told.Code) => new(FailureKind.Timeout, $"Kafka at {brokers} did not confirm within {options.Timeout.TotalSeconds} s"),
            _ => new(KindOf(told), $"Kafka at {brokers} did not take it: {Bounded(told.Reason)}"),
        };
    }

    /// <summary>The same for whatever was thrown.</summary>
    public static DeliveryFailedException Of(Exception e, Error? connection, KafkaOptions options) => e switch
    {
        DeliveryFailedException known => known,
        ConfigurationException wrong => new(FailureKind.Other, string.Join("; ", wrong.Problems.Select(p => p.ToString()))),
        KafkaException kafka => Of(kafka.Error, connection, options),
        DllNotFoundException => new(FailureKind.Other, "Kafka's client library can't be loaded on this machine; it needs glibc 2.28 or later, on x64 or arm64"),
        _ => new(FailureKinds.Of(e), $"Kafka at {KafkaConnection.Name(options)} could not be used: {Bounded(e.GetBaseException().Message)}"),
    };

    /// <summary>What to type or change.</summary>
    public static string Remedy(DeliveryFailedException failure) => failure.Kind switch
    {
        FailureKind.Denied => "correct user, mechanism or the password's file, or have the account's rights extended (docs/notifiers.md#kafka)",
        FailureKind.Tls => "check the brokers' certificates, or name their authority in tls.caFile; a port without encryption needs \"tls\": { \"enabled\": false }",
        FailureKind.Dns => "correct the host names in brokers, and those under which the brokers know themselves (advertised.listeners)",
        _ => "check that the brokers run and that brokers names host and port",
    };

    private static bool IsTimeout(ErrorCode code) =>
        code is ErrorCode.Local_MsgTimedOut or ErrorCode.Local_TimedOut or ErrorCode.Local_TimedOutQueue or ErrorCode.RequestTimedOut or ErrorCode.Local_WaitCoord;

    private static FailureKind KindOf(Error error) => error.Code switch
    {
        // A handshake that fails while the connection is still being made (the broker was quick, or this thread was paused) has librdkafka's code for
        // any failure to connect; only OpenSSL's own words tell it apart (rdkafka_transport.c, rd_kafka_transport_ssl_connect).
        ErrorCode.Local_Transport when error.Reason.Contains("SSL routines", StringComparison.Ordinal) => FailureKind.Tls,
        ErrorCode.Local_Transport or ErrorCode.Local_AllBrokersDown or ErrorCode.BrokerNotAvailable or ErrorCode.NetworkException or ErrorCode.LeaderNotAvailable
            or ErrorCode.NotLeaderForPartition or ErrorCode.NotEnoughReplicas or ErrorCode.NotEnoughReplicasAfterAppend => FailureKind.Refused,
        ErrorCode.Local_Resolve => FailureKind.Dns,
        ErrorCode.Local_Ssl => FailureKind.Tls,
        _ => FailureKind.Other,
    };

    private static string Bounded(string text)
    {
        string clean = TransitionText.Clean(text);
        return clean.Length <= MaximumReason ? clean : string.Concat(clean.AsSpan(0, MaximumReason - 1), "…");
    }
}
