namespace GlusterBus.Runtime.Gluster;

/// <summary>Why a datagram could not be read. The kebab-case names are metric labels, so the set is closed.</summary>
public enum DatagramFault
{
    /// <summary>No byte but blanks.</summary>
    Empty,

    /// <summary>Longer than <see cref="GlusterDatagram.MaximumLength"/>; what is left of it can't be trusted.</summary>
    TooLong,

    /// <summary>The bytes are no UTF-8.</summary>
    NotUtf8,

    /// <summary>It does not begin with a time in whole seconds since 1970.</summary>
    BadStamp,

    /// <summary>The second word is no number.</summary>
    BadNumber,

    /// <summary>The number is outside Gluster's list.</summary>
    UnknownNumber,

    /// <summary>Nothing follows the number.</summary>
    NoPayload,

    /// <summary>The payload is no <c>key=value</c>.</summary>
    BadPayload,

    /// <summary>A field is missing or empty without which the event tells nothing.</summary>
    MissingField,

    /// <summary>A field holds what no name of Gluster's can be, such as control characters.</summary>
    BadValue,
}

/// <summary>A datagram that could not be read.</summary>
/// <param name="Fault">The kind of fault.</param>
/// <param name="Text">What is wrong, for people; holds no value of the payload.</param>
public sealed record DatagramError(DatagramFault Fault, string Text)
{
    private static readonly string[] Labels =
        ["empty", "too-long", "not-utf8", "bad-stamp", "bad-number", "unknown-number", "no-payload", "bad-payload", "missing-field", "bad-value"];

    /// <summary>The fault as a metric label.</summary>
    public string Label => Labels[(int)Fault];
}
