using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GlusterBus.Contracts.Plugins;

namespace GlusterBus.Notifiers.Webhook;

/// <summary>How the receiver is reached: the tuned handler, and a connection attempt that posts nothing.</summary>
internal static class WebhookConnection
{
    private static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(5);

    /// <summary>A handler that keeps its connections, follows nothing and remembers nothing.</summary>
    public static SocketsHttpHandler Handler(WebhookAddress address, WebhookOptions options) => new()
    {
        MaxConnectionsPerServer = Math.Clamp(options.Concurrency, 1, 256),
        ConnectTimeout = options.Timeout,

        // Renewed now and then, so that a receiver that moves (DNS, load balancer) is found again.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        UseProxy = !address.Target.IsLoopback,
        SslOptions = Tls(address, options.CaFile),
    };

    public static async Task<CheckResult> CheckAsync(WebhookAddress address, WebhookOptions options, TimeProvider clock, CancellationToken cancellationToken)
    {
        string subject = $"webhook {address}";
        Uri? proxy = address.Target.IsLoopback ? null : HttpClient.DefaultProxy.GetProxy(address.Target);
        (string host, int port) = proxy is null ? (address.Target.IdnHost, address.Target.Port) : (proxy.IdnHost, proxy.Port);
        using var timer = new CancellationTokenSource(CheckTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(host, port, either.Token);
            if (proxy is null && address.Target.Scheme == "https")
            {
                await using var stream = new NetworkStream(socket);
                await using var tls = new SslStream(stream);
                await tls.AuthenticateAsClientAsync(Tls(address, options.CaFile), either.Token);
            }

            return new CheckResult(proxy is null ? subject : $"{subject} through proxy {host}:{port}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Problem(subject, $"no connection to {host}:{port} within {CheckTimeout.TotalSeconds} s", "check firewall and address");
        }
        catch (SocketException e)
        {
            return Problem(subject, $"no connection to {host}:{port}: {e.Message}", "check that the receiver runs and that the url names its host and port");
        }
        catch (Exception e) when (e is AuthenticationException or IOException or CryptographicException or UnauthorizedAccessException)
        {
            return Problem(subject, $"no secure connection to {host}:{port}: {e.Message}", "check the receiver's certificate, or name its authority in caFile");
        }
    }

    private static SslClientAuthenticationOptions Tls(WebhookAddress address, string? caFile)
    {
        var options = new SslClientAuthenticationOptions { TargetHost = address.Target.IdnHost };
        if (caFile is not null)
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(caFile);
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        return options;
    }

    // The start is possible all the same: deliveries wait until the receiver is there.
    private static CheckResult Problem(string subject, string problem, string remedy) => new(subject, problem, remedy, IsWarning: true);
}
