namespace GlusterBus.Notifiers.Deliveries;

/// <summary>Why an attempt failed. A closed set: it is a label of metrics.</summary>
public enum FailureKind
{
    Other,
    Timeout,
    Refused,
    Http4xx,
    Http5xx,
    Tls,
    Dns,
    ProcessExit,
    Smtp4xx,
    Smtp5xx,
    Denied,
}
