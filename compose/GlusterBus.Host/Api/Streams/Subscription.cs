using System.Text.Json;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Host.Api.Streams;

/// <summary>What a client of the stream asks for, in its first request or in a message.</summary>
/// <param name="Filter">What it wants.</param>
/// <param name="After">Where to go on; null for where it is.</param>
internal sealed record Subscription(TransitionFilter Filter, long? After)
{
    /// <summary>Reads <c>{"subscribe":{"entity":["brick/*"],"channel":["brick"],"severity":"error","after":17}}</c>; every member may be left out.</summary>
    /// <exception cref="BadRequestException">The message is none; the text names the member.</exception>
    public static Subscription Parse(ReadOnlySpan<byte> utf8)
    {
        Message? message;
        try
        {
            message = JsonSerializer.Deserialize<Message>(utf8, StrictBinder.Json);
        }
        catch (JsonException e)
        {
            throw new BadRequestException($"no such message: {e.Message}", e);
        }

        return message?.Subscribe is { } wanted
            ? new Subscription(ApiQuery.Filter(wanted.Channel, wanted.Entity, wanted.Severity), wanted.After is null or >= 0
                ? wanted.After
                : throw new BadRequestException($"after: '{wanted.After}' is below 0"))
            : throw new BadRequestException("subscribe: missing; write {\"subscribe\":{\"entity\":[\"brick/*\"],\"severity\":\"error\"}}");
    }

    private sealed record Message
    {
        public Wanted? Subscribe { get; init; }
    }

    private sealed record Wanted
    {
        public IReadOnlyList<string> Entity { get; init; } = [];

        public IReadOnlyList<string> Channel { get; init; } = [];

        public string? Severity { get; init; }

        public long? After { get; init; }
    }
}
