using System.Collections.Concurrent;
using System.Text;

namespace GlusterBus.TestKit;

/// <summary>A span as an OpenTelemetry collector got it.</summary>
/// <param name="Service">The role that sent it, such as <c>glusterbus-route</c>.</param>
/// <param name="Name">What was done.</param>
/// <param name="Trace">The trace, in hexadecimal.</param>
/// <param name="Id">The span, in hexadecimal.</param>
/// <param name="Parent">The span before; empty for the first of a trace.</param>
public sealed record ReceivedSpan(string Service, string Name, string Trace, string Id, string Parent);

/// <summary>Takes traces as an OpenTelemetry collector does: OTLP over HTTP, in protobuf.</summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebhookReceiver _http;
    private readonly ConcurrentQueue<ReceivedSpan> _spans = new();
    private readonly SemaphoreSlim _arrived = new(0);

    private OtlpReceiver(WebhookReceiver http)
    {
        _http = http;
        http.Answer = (request, _) =>
        {
            Read(request.Body);
            _arrived.Release();
            return Task.FromResult(ScriptedAnswer.Ok);
        };
    }

    /// <summary>Goes into <c>telemetry.otlpEndpoint</c>.</summary>
    public Uri Endpoint => new(_http.Url, "v1/traces");

    /// <summary>Everything received so far.</summary>
    public IReadOnlyCollection<ReceivedSpan> Spans => _spans;

    public static async Task<OtlpReceiver> StartAsync() => new(await WebhookReceiver.StartAsync());

    /// <summary>Waits until what has arrived suffices.</summary>
    public async Task UntilAsync(Func<IReadOnlyCollection<ReceivedSpan>, bool> suffices, CancellationToken cancellationToken)
    {
        while (!suffices(Spans))
        {
            await _arrived.WaitAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _http.DisposeAsync();
        _arrived.Dispose();
    }

    /// <summary>The numbers are those of opentelemetry.proto.collector.trace.v1: only what a trace's shape needs is read.</summary>
    private void Read(ReadOnlyMemory<byte> request)
    {
        foreach (ReadOnlyMemory<byte> resourceSpans in All(request, 1))
        {
            string service = All(resourceSpans, 1).SelectMany(resource => All(resource, 1))
                .Where(attribute => Text(attribute, 1) == "service.name").Select(attribute => All(attribute, 2).Select(value => Text(value, 1)).Single()).Single();
            foreach (ReadOnlyMemory<byte> span in All(resourceSpans, 2).SelectMany(scopeSpans => All(scopeSpans, 2)))
            {
                _spans.Enqueue(new ReceivedSpan(service, Text(span, 5), Hex(span, 1), Hex(span, 2), Hex(span, 4)));
            }
        }
    }

    private static string Text(ReadOnlyMemory<byte> message, int field) => Encoding.UTF8.GetString(All(message, field).FirstOrDefault().Span);

    private static string Hex(ReadOnlyMemory<byte> message, int field) => Convert.ToHexStringLower(All(message, field).FirstOrDefault().Span);

    /// <summary>The values of a field of the length-delimited kind.</summary>
    private static List<ReadOnlyMemory<byte>> All(ReadOnlyMemory<byte> message, int field)
    {
        List<ReadOnlyMemory<byte>> found = [];
        for (int at = 0; at < message.Length;)
        {
            ulong key = Number(message.Span, ref at);
            switch (key & 7)
            {
                case 0:
                    Number(message.Span, ref at);
                    break;
                case 1:
                    at += 8;
                    break;
                case 2:
                    int length = (int)Number(message.Span, ref at);
                    if (key >> 3 == (ulong)field)
                    {
                        found.Add(message.Slice(at, length));
                    }

                    at += length;
                    break;
                case 5:
                    at += 4;
                    break;
                default:
                    throw new FormatException($"no protobuf: key {key} at byte {at}");
            }
        }

        return found;
    }

    private static ulong Number(ReadOnlySpan<byte> bytes, ref int at)
    {
        ulong number = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = bytes[at++];
            number |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return number;
            }
        }
    }
}
