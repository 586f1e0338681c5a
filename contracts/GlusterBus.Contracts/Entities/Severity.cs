namespace GlusterBus.Contracts.Entities;

/// <summary>What a state means to the person on duty. The order is the order of urgency.</summary>
/// <remarks>Never taken from a log level: Gluster logs "quorum regained" as CRITICAL and "brick has disconnected" as INFO.</remarks>
public enum Severity
{
    /// <summary>As it should be.</summary>
    Ok = 0,

    /// <summary>Worth knowing; somebody asked for it.</summary>
    Info = 1,

    /// <summary>Nobody can see it at present, so nobody knows. Not the same as failed.</summary>
    Unknown = 2,

    /// <summary>Works, with less safety than planned.</summary>
    Warning = 3,

    /// <summary>A part has failed; the service may still be whole.</summary>
    Error = 4,

    /// <summary>Data or service is lost or about to be.</summary>
    Critical = 5,
}
