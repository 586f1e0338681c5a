using System.Globalization;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Router.State.Redis.Protocol;

namespace GlusterBus.Router.State.Redis;

/// <summary>How transitions lie in the stream: the id is <c>position-0</c>, the field <c>json</c> the CloudEvent.</summary>
internal static class RedisOutbox
{
    public static string Id(long position) => string.Create(CultureInfo.InvariantCulture, $"{position}-0");

    /// <summary>Reads what XRANGE and XREVRANGE answer.</summary>
    public static IReadOnlyList<ArchivedTransition> Read(RespValue answer) =>
        [.. answer.Items.Select(entry => new ArchivedTransition(Position(entry.Items[0].Text), entry.Items[1].Items[1].Bytes))];

    private static long Position(string id) => long.Parse(id.AsSpan(0, id.IndexOf('-', StringComparison.Ordinal)), CultureInfo.InvariantCulture);
}
