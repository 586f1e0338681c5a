using System.Globalization;
using System.Text;

namespace GlusterBus.Router.State.Redis.Protocol;

/// <summary>The forms of an answer of Redis (RESP 2).</summary>
internal enum RespKind
{
    Null,
    Status,
    Error,
    Integer,
    Bulk,
    List,
}

/// <summary>One answer of Redis.</summary>
internal readonly struct RespValue
{
    private readonly long _integer;

    private RespValue(RespKind kind, long integer, byte[]? bytes, RespValue[]? items)
    {
        (Kind, _integer, Bytes, Items) = (kind, integer, bytes ?? [], items ?? []);
    }

    public static RespValue Null => new(RespKind.Null, 0, null, null);

    public RespKind Kind { get; }

    /// <summary>The bytes of a bulk, a status or an error; else empty.</summary>
    public byte[] Bytes { get; }

    /// <summary>The members of a list; else empty.</summary>
    public IReadOnlyList<RespValue> Items { get; }

    public bool IsNull => Kind == RespKind.Null;

    public bool IsError => Kind == RespKind.Error;

    public string Text => Kind == RespKind.Integer ? _integer.ToString(CultureInfo.InvariantCulture) : Encoding.UTF8.GetString(Bytes);

    /// <summary>The number, also of a bulk that holds one; 0 of what is missing.</summary>
    /// <exception cref="FormatException">It is no number.</exception>
    public long Integer => Kind switch
    {
        RespKind.Integer => _integer,
        RespKind.Null => 0,
        _ => long.Parse(Bytes, CultureInfo.InvariantCulture),
    };

    public static RespValue OfInteger(long integer) => new(RespKind.Integer, integer, null, null);

    public static RespValue OfBytes(RespKind kind, byte[] bytes) => new(kind, 0, bytes, null);

    public static RespValue OfItems(RespValue[] items) => new(RespKind.List, 0, null, items);

    /// <summary>True for an error that begins with this word, as in <c>NOSCRIPT No matching script</c>.</summary>
    public bool IsErrorOf(string code) =>
        IsError && Bytes.AsSpan().StartsWith(Encoding.ASCII.GetBytes(code)) && (Bytes.Length == code.Length || Bytes[code.Length] == ' ');
}
