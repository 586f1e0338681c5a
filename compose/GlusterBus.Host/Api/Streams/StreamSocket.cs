using System.Buffers;
using System.Net.WebSockets;
using System.Threading.Channels;
using GlusterBus.Router.State;

namespace GlusterBus.Host.Api.Streams;

/// <summary>One client's WebSocket: transitions out, subscriptions in.</summary>
/// <param name="socket">The open connection.</param>
/// <param name="feed">Where transitions come from.</param>
/// <param name="clock">Measures patience.</param>
internal sealed class StreamSocket(WebSocket socket, TransitionFeed feed, TimeProvider clock) : IDisposable
{
    /// <summary>A message with the position goes out so often when nothing else does.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>A client that takes nothing for so long is cut off; it goes on later where it was.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The longest message taken from a client, in bytes.</summary>
    public const int MaximumMessage = 16 * 1024;

    /// <summary>How long a client has to answer when it was told that this is the end.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private readonly Channel<Subscription> _wanted = Channel.CreateBounded<Subscription>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly SemaphoreSlim _sending = new(1);

    /// <summary>Ends a wait when the client wants something else. One that is replaced is not disposed: whoever cancels may still hold it.</summary>
    private CancellationTokenSource _changed = new();

    private bool _isClosed;

    /// <summary>Serves until one of both ends leaves.</summary>
    /// <param name="first">What the request asked for.</param>
    /// <param name="stopping">Cancelled when the instance stops.</param>
    /// <param name="aborted">Cancelled when the connection is lost.</param>
    public async Task RunAsync(Subscription first, CancellationToken stopping, CancellationToken aborted)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping, aborted);
        Task receiving = ReceiveAsync(ended);
        try
        {
            await SendAllAsync(first, ended.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await CloseAsync(WebSocketCloseStatus.EndpointUnavailable, "the instance stops; come back in a moment");
        }
        catch (OperationCanceledException)
        {
            // The client left; it was answered where it listened.
        }
        catch (Exception e) when (e is StateTableUnreachableException or TimeoutException)
        {
            if (e is StateTableUnreachableException)
            {
                await CloseAsync((WebSocketCloseStatus)1013, "the state table is away; come back in a moment");
            }
        }
        catch (WebSocketException)
        {
            // Cut off.
        }
        finally
        {
            // Aborting frees whoever still waits for the other end.
            await ended.CancelAsync();
            if (_isClosed)
            {
                await Task.WhenAny(receiving, Task.Delay(Farewell, clock, aborted));
            }

            socket.Abort();
            await receiving;
        }
    }

    public void Dispose()
    {
        _sending.Dispose();
        _changed.Dispose();
    }

    private async Task SendAllAsync(Subscription subscription, CancellationToken ended)
    {
        FeedCursor cursor = await feed.OpenAsync(subscription.Filter, subscription.After, ended);
        var buffer = new ArrayBufferWriter<byte>();
        try
        {
            StreamMessages.Subscribed(buffer, cursor.Position, subscription.Filter);
            await SendAsync(buffer, ended);
            while (true)
            {
                await SendUntilChangedAsync(cursor, buffer, ended);
                Interlocked.Exchange(ref _changed, new CancellationTokenSource());
                if (_wanted.Reader.TryRead(out Subscription? wanted))
                {
                    FeedCursor next = await feed.OpenAsync(wanted.Filter, wanted.After ?? cursor.Position, ended);
                    await cursor.DisposeAsync();
                    cursor = next;
                    StreamMessages.Subscribed(buffer, cursor.Position, wanted.Filter);
                    await SendAsync(buffer, ended);
                }
            }
        }
        finally
        {
            await cursor.DisposeAsync();
        }
    }

    /// <summary>Sends what comes until the client wants something else.</summary>
    private async Task SendUntilChangedAsync(FeedCursor cursor, ArrayBufferWriter<byte> buffer, CancellationToken ended)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ended, Volatile.Read(ref _changed).Token);
        while (true)
        {
            FeedBatch batch;
            try
            {
                batch = await cursor.NextAsync(Heartbeat, either.Token);
            }
            catch (OperationCanceledException) when (!ended.IsCancellationRequested)
            {
                return;
            }

            // Not by the token of the change: a message that is cut in the middle ends the connection.
            StreamMessages.Batch(buffer, batch);
            await SendAsync(buffer, ended);
        }
    }

    /// <summary>Takes messages until the client closes.</summary>
    private async Task ReceiveAsync(CancellationTokenSource ended)
    {
        byte[] message = ArrayPool<byte>.Shared.Rent(MaximumMessage);
        var answer = new ArrayBufferWriter<byte>();
        try
        {
            while (true)
            {
                int length = 0;
                ValueWebSocketReceiveResult received;
                do
                {
                    received = await socket.ReceiveAsync(message.AsMemory(length, MaximumMessage - length), CancellationToken.None);
                    length += received.Count;
                }
                while (!received.EndOfMessage && length < MaximumMessage);

                if (received.MessageType == WebSocketMessageType.Close)
                {
                    await CloseAsync(WebSocketCloseStatus.NormalClosure, "");
                    return;
                }

                if (!received.EndOfMessage)
                {
                    await CloseAsync(WebSocketCloseStatus.MessageTooBig, $"a message has at most {MaximumMessage} bytes");
                    await ended.CancelAsync();

                    // To the end of what it sends: a connection that is closed over unread bytes is reset, and the reason lost.
                    while ((await socket.ReceiveAsync(message.AsMemory(0, MaximumMessage), CancellationToken.None)).MessageType != WebSocketMessageType.Close)
                    {
                    }

                    return;
                }

                try
                {
                    _wanted.Writer.TryWrite(Subscription.Parse(message.AsSpan(0, length)));
                    await Volatile.Read(ref _changed).CancelAsync();
                }
                catch (BadRequestException e)
                {
                    StreamMessages.Error(answer, e.Message);
                    await SendAsync(answer, ended.Token);
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or TimeoutException)
        {
            // Lost, or over; the sender says why.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(message);
            await ended.CancelAsync();
        }
    }

    /// <exception cref="TimeoutException">The client takes nothing.</exception>
    private async Task SendAsync(ArrayBufferWriter<byte> buffer, CancellationToken ended)
    {
        await _sending.WaitAsync(ended);
        try
        {
            ValueTask sent = socket.SendAsync(buffer.WrittenMemory, WebSocketMessageType.Text, endOfMessage: true, ended);
            if (!sent.IsCompletedSuccessfully)
            {
                await sent.AsTask().WaitAsync(Patience, clock, ended);
            }
        }
        finally
        {
            buffer.ResetWrittenCount();
            _sending.Release();
        }
    }

    /// <summary>Says why it ends, if the client still listens.</summary>
    private async Task CloseAsync(WebSocketCloseStatus status, string reason)
    {
        using var patience = new CancellationTokenSource(Farewell, clock);
        try
        {
            await _sending.WaitAsync(patience.Token);
            try
            {
                await socket.CloseOutputAsync(status, reason, patience.Token);
                _isClosed = true;
            }
            finally
            {
                _sending.Release();
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // It does not.
        }
    }
}
