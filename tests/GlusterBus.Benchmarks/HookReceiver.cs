using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace GlusterBus.Benchmarks;

/// <summary>The cheapest HTTP/1.1 receiver that can still tell loss, doubling and disorder: keep-alive, fixed answer, counts by <c>Idempotency-Key</c>.</summary>
internal static class HookReceiver
{
    private static readonly byte[] Answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray();
    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, long> Last = new(StringComparer.Ordinal);
    private static readonly HashSet<(string Entity, long Sequence)> Seen = [];
    private static long _doubled;
    private static long _inversions;

    /// <summary>Prints its port, then <c>distinct doubled inversions</c> for each line of its input, starting the counts anew; ends with its input.</summary>
    public static async Task<int> RunAsync()
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(512);
        Console.WriteLine(((IPEndPoint)listener.LocalEndPoint!).Port);
        _ = Task.Run(async () =>
        {
            while (true)
            {
                _ = ServeAsync(await listener.AcceptAsync());
            }
        });
        while (await Console.In.ReadLineAsync() is not null)
        {
            lock (Gate)
            {
                Console.WriteLine($"{Seen.Count} {_doubled} {_inversions}");
                Seen.Clear();
                (_doubled, _inversions) = (0, 0);
            }
        }

        return 0;
    }

    private static async Task ServeAsync(Socket socket)
    {
        using Socket connection = socket;
        connection.NoDelay = true;
        byte[] buffer = new byte[65536];
        int filled = 0;
        while (true)
        {
            int read = await connection.ReceiveAsync(buffer.AsMemory(filled));
            if (read == 0)
            {
                return;
            }

            filled += read;
            int head;
            while ((head = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8)) >= 0)
            {
                int end = head + 4 + Length(buffer.AsSpan(0, head));
                if (end > filled)
                {
                    break;
                }

                Count(Header(buffer.AsSpan(0, head), "Idempotency-Key: "u8));
                buffer.AsSpan(end, filled - end).CopyTo(buffer);
                filled -= end;
                await connection.SendAsync(Answer);
            }
        }
    }

    private static int Length(ReadOnlySpan<byte> head) => Utf8Parser.TryParse(Header(head, "Content-Length: "u8), out int length, out _) ? length : 0;

    private static ReadOnlySpan<byte> Header(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> rest = head[(head.IndexOf(name) + name.Length)..];
        int end = rest.IndexOf((byte)'\r');
        return end < 0 ? rest : rest[..end];
    }

    private static void Count(ReadOnlySpan<byte> id)
    {
        int at = id.LastIndexOf((byte)'@');
        string entity = Encoding.ASCII.GetString(id[..at]);
        long sequence = long.Parse(id[(at + 1)..], CultureInfo.InvariantCulture);
        lock (Gate)
        {
            if (!Seen.Add((entity, sequence)))
            {
                _doubled++;
                return;
            }

            if (Last.TryGetValue(entity, out long last) && sequence != last + 1)
            {
                _inversions++;
            }

            Last[entity] = sequence;
        }
    }
}
