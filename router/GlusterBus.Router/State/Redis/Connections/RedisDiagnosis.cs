using System.Net.Sockets;
using System.Text;
using GlusterBus.Runtime.Configuration;
using StackExchange.Redis;

namespace GlusterBus.Router.State.Redis.Connections;

/// <summary>Why a connection did not come about. The library says only that it did not: the reason is a word of its log, or is found by looking once more.</summary>
internal static class RedisDiagnosis
{
    /// <summary>One line for the operator, without a secret.</summary>
    /// <param name="host">Where to look once more.</param>
    /// <param name="options">Whether there is an account and encryption.</param>
    /// <param name="text">All that the library said; it never repeats a password.</param>
    /// <param name="error">What it threw.</param>
    /// <param name="waited">The patience, where it was used up; the library may use it up also when there was an answer.</param>
    /// <param name="cancellationToken">Ends the second look, which takes at most <see cref="RedisOptions.Patience"/>.</param>
    /// <returns>A <see cref="RedisRefusedException"/>, or a <see cref="TimeoutException"/> when there was no answer.</returns>
    public static async Task<Exception> ExplainAsync(
        HostAndPort host, RedisOptions options, string text, RedisConnectionException error, TimeSpan? waited, CancellationToken cancellationToken)
    {
        if (Has("NOPERM"))
        {
            return new RedisRefusedException("NOPERM", $"the user '{options.User ?? "default"}' may not PING", error);
        }

        // Servers before 6.0 have other words for a wrong password.
        if (Has("WRONGPASS") || Has("invalid password"))
        {
            return new RedisRefusedException("WRONGPASS", $"it does not take the password of the user '{options.User ?? "default"}' (redis.user, redis.passwordFile)", error);
        }

        if (Has("NOAUTH"))
        {
            return new RedisRefusedException("NOAUTH", "it wants a password (redis.user, redis.passwordFile)", error);
        }

        string said = options.Tls.Enabled ? "" : await AskAsync(host, options.Patience, cancellationToken);
        return said.StartsWith("-DENIED", StringComparison.Ordinal) ? new RedisRefusedException("DENIED", "it is in protected mode and takes only clients of its own machine", error)
            : waited is { } patience && (said is "" or ['+' or '-', ..]) ? new TimeoutException($"no connection within {RedisLink.Text(patience)}", error)
            : options.Tls.Enabled ? new RedisRefusedException(RedisRefusedException.Encryption, "the encrypted connection failed (redis.tls)", error)
            : new RedisRefusedException(RedisRefusedException.Protocol, "it takes connections, but does not answer as Redis does", error);

        bool Has(string word) => text.Contains(word, StringComparison.Ordinal);
    }

    /// <summary>Returns when the host takes a connection: before the library is asked, which waits for its whole patience although there is no way there, and
    /// does not say why.</summary>
    /// <exception cref="SocketException">There is no way there.</exception>
    /// <exception cref="TimeoutException">It took longer than the patience.</exception>
    public static async Task ReachAsync(HostAndPort host, TimeSpan patience, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(host.Host, host.Port, cancellationToken).AsTask().WaitAsync(patience, clock, cancellationToken);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"no connection within {RedisLink.Text(patience)}", e);
        }
    }

    /// <summary>What a server says first; nothing when it closes or takes too long.</summary>
    private static async Task<string> AskAsync(HostAndPort host, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(patience);
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(host.Host, host.Port, deadline.Token);
            NetworkStream stream = client.GetStream();
            byte[] answer = new byte[64];
            await stream.WriteAsync("PING\r\n"u8.ToArray(), deadline.Token);
            return Encoding.ASCII.GetString(answer, 0, await stream.ReadAsync(answer, deadline.Token));
        }
        catch (Exception e) when (e is IOException or SocketException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return "";
        }
    }
}
