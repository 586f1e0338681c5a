using System.Globalization;
using StackExchange.Redis;

namespace GlusterBus.Router.State.Redis.Connections;

/// <summary>One answer of Redis; an error is an answer too.</summary>
internal readonly struct RedisAnswer
{
    private readonly RedisResult? _result;
    private readonly string? _error;

    public RedisAnswer(RedisResult result)
    {
        _result = result;
    }

    public RedisAnswer(string error)
    {
        _error = error;
    }

    public bool IsError => _error is not null;

    public bool IsNull => !IsError && (_result is null || _result.IsNull);

    public string Text => _error ?? (string?)_result ?? "";

    public byte[] Bytes => (byte[]?)_result ?? [];

    /// <summary>The number; 0 of what is missing.</summary>
    /// <exception cref="FormatException">It is no number.</exception>
    public long Integer => IsNull ? 0 : long.Parse(Text, CultureInfo.InvariantCulture);

    /// <summary>The members of a list; of what is missing, none.</summary>
    public IReadOnlyList<RedisAnswer> Items => IsNull ? [] : [.. ((RedisResult[])_result!).Select(item => new RedisAnswer(item))];

    /// <summary>True for an error that begins with this word, as in <c>NOSCRIPT No matching script</c>.</summary>
    public bool IsErrorOf(string code) => _error is not null && (_error == code || _error.StartsWith(code + " ", StringComparison.Ordinal));
}
