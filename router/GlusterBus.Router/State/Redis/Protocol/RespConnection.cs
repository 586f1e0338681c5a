using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Router.State.Redis.Protocol;

/// <summary>One connection to one Redis: commands go out in order, each answer finds its command. A connection that failed stays failed.</summary>
/// <remarks>The deadline is on progress: while an answer is awaited, no stretch of the patience may pass without a byte moving. So a big commit on a slow
/// line is not taken for a dead server, and a dead server is noticed in time, on whatever command it dies.</remarks>
internal sealed class RespConnection : IAsyncDisposable
{
    private const int Chunk = 64 * 1024;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Queue<TaskCompletionSource<RespValue>> _expected = [];
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _clock;
    private readonly ITimer _watch;
    private readonly Task _reading;
    private long _progressAt;
    private bool _isWatched;
    private Exception? _failure;

    private RespConnection(HostAndPort address, Socket socket, Stream stream, TimeSpan patience, TimeProvider clock)
    {
        (Address, _socket, _stream, _patience, _clock) = (address, socket, stream, patience, clock);
        _watch = clock.CreateTimer(_ => Watch(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _reading = ReadAsync();
    }

    public HostAndPort Address { get; }

    public bool IsOpen => Volatile.Read(ref _failure) is null;

    /// <summary>Connects and encrypts, within the patience; says nothing yet.</summary>
    /// <exception cref="TimeoutException">It took longer.</exception>
    /// <exception cref="SocketException">There is no way there.</exception>
    /// <exception cref="AuthenticationException">The certificates do not suit.</exception>
    public static async Task<RespConnection> OpenAsync(HostAndPort address, TlsOptions tls, TimeSpan patience, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        try
        {
            await socket.ConnectAsync(address.Host, address.Port, either.Token);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (tls.Enabled)
            {
                stream = await EncryptAsync(stream, address, tls, either.Token);
            }

            return new RespConnection(address, socket, stream, patience, clock);
        }
        catch (Exception e)
        {
            socket.Dispose();
            if (stream is not null)
            {
                await stream.DisposeAsync();
            }

            if (e is OperationCanceledException && deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException($"no connection within {Text(patience)}", e);
            }

            throw;
        }
    }

    /// <summary>Sends a command and waits for its answer. Cancelling leaves the answer unread; the command may have its effect all the same.</summary>
    /// <param name="command">The command.</param>
    /// <param name="isAsking">True tells a node of a Redis Cluster that it was named by <c>ASK</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IOException">The connection is lost.</exception>
    /// <exception cref="TimeoutException">Nothing moved for as long as the patience.</exception>
    public async Task<RespValue> ExecuteAsync(RespCommand command, bool isAsking, CancellationToken cancellationToken)
    {
        Task<RespValue> answer;
        await _writing.WaitAsync(cancellationToken);
        try
        {
            if (isAsking)
            {
                _ = Expect();
                await WriteAsync(RespCommand.Of("ASKING").Bytes);
            }

            answer = Expect();
            await WriteAsync(command.Bytes);
        }
        finally
        {
            _writing.Release();
        }

        return await answer.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Fail(new IOException("the connection was closed"));
        await _reading;
    }

    private static async Task<SslStream> EncryptAsync(Stream plain, HostAndPort address, TlsOptions tls, CancellationToken cancellationToken)
    {
        var encrypted = new SslStream(plain);
        try
        {
            await encrypted.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = tls.ServerName ?? address.Host,
                    RemoteCertificateValidationCallback = TlsFiles.Validation(tls, "redis.tls"),
                    ClientCertificates = TlsFiles.ClientCertificate(tls, "redis.tls") is { } certificate ? [certificate] : null,
                },
                cancellationToken);
            return encrypted;
        }
        catch
        {
            await encrypted.DisposeAsync();
            throw;
        }
    }

    private Task<RespValue> Expect()
    {
        lock (_gate)
        {
            if (_failure is not null)
            {
                return Task.FromException<RespValue>(_failure);
            }

            if (_expected.Count == 0)
            {
                Progress();
            }

            if (!_isWatched)
            {
                _isWatched = true;
                _watch.Change(_patience, Timeout.InfiniteTimeSpan);
            }

            var expected = new TaskCompletionSource<RespValue>(TaskCreationOptions.RunContinuationsAsynchronously);
            _expected.Enqueue(expected);
            return expected.Task;
        }
    }

    /// <summary>Never throws: a failure reaches the callers through the answers they wait for.</summary>
    private async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            for (int at = 0; at < bytes.Length; at += Chunk)
            {
                await _stream.WriteAsync(bytes.Slice(at, Math.Min(Chunk, bytes.Length - at)));
                Progress();
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            Fail(e);
        }
    }

    private async Task ReadAsync()
    {
        // The constructor must not wait for the first answer.
        await Task.Yield();
        var reader = new RespReader(_stream, Progress);
        try
        {
            while (true)
            {
                RespValue answer = await reader.ReadAsync();
                TaskCompletionSource<RespValue>? expected;
                lock (_gate)
                {
                    _expected.TryDequeue(out expected);
                }

                (expected ?? throw new InvalidDataException("it answered what nobody asked")).TrySetResult(answer);
            }
        }
        catch (Exception e)
        {
            Fail(e);
        }

        await _watch.DisposeAsync();
        await _stream.DisposeAsync();
    }

    private void Watch()
    {
        TimeSpan left;
        lock (_gate)
        {
            if (_expected.Count == 0 || _failure is not null)
            {
                _isWatched = false;
                return;
            }

            left = _patience - _clock.GetElapsedTime(Interlocked.Read(ref _progressAt));

            // What has come and waits to be read shows that this process is late, not the server.
            if (left <= TimeSpan.Zero && HasUnread())
            {
                left = _patience;
            }

            if (left > TimeSpan.Zero)
            {
                _watch.Change(left, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        Fail(new TimeoutException($"no answer within {Text(_patience)}"));
    }

    private bool HasUnread()
    {
        try
        {
            return _socket.Available > 0;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    private void Progress() => Interlocked.Exchange(ref _progressAt, _clock.GetTimestamp());

    private void Fail(Exception e)
    {
        TaskCompletionSource<RespValue>[] waiting;
        lock (_gate)
        {
            if (_failure is not null)
            {
                return;
            }

            _failure = e is TimeoutException or IOException or InvalidDataException ? e : new IOException("the connection is lost", e);
            waiting = [.. _expected];
            _expected.Clear();
        }

        // Wakes the reader and a stuck writer too.
        _socket.Dispose();
        foreach (TaskCompletionSource<RespValue> expected in waiting)
        {
            expected.TrySetException(_failure);
        }
    }

    internal static string Text(TimeSpan time) => $"{time.TotalSeconds:0.###} s";
}
