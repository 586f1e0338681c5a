using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using GlusterBus.Contracts.Plugins;

namespace GlusterBus.Runtime.Configuration;

/// <summary>Agrees on TLS with a server as the configuration says, and says which version and cipher came of it, and whose certificates end soon. Says and does
/// nothing more to the server.</summary>
public static class TlsCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <param name="subject">The server, for the lines.</param>
    /// <param name="host">Where it listens.</param>
    /// <param name="options">How the connection is encrypted; enabled.</param>
    /// <param name="path">The key of these options, such as <c>redis.tls</c>.</param>
    /// <param name="clock">Bounds the wait and tells the age of certificates.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    /// <returns>One line for each thing tested; never throws for a failing test.</returns>
    public static async Task<IReadOnlyList<CheckResult>> RunAsync(
        string subject, HostAndPort host, TlsOptions options, string path, TimeProvider clock, CancellationToken cancellationToken)
    {
        var results = new List<CheckResult>();
        try
        {
            using X509Certificate2? own = TlsFiles.ClientCertificate(options, path);
            if (own is not null)
            {
                results.AddRange(CertificateAge.Of($"client certificate {options.CertificateFile}", own, clock.GetUtcNow()));
            }

            results.AddRange(Authorities(options, clock.GetUtcNow()));
            results.AddRange(await AgreeAsync(subject, host, options, path, own, clock, cancellationToken));
        }
        catch (ConfigurationException e)
        {
            results.AddRange(e.Problems.Select(problem => new CheckResult(subject, problem.ToString(), "make the file readable for this user, or correct its path")));
        }

        return results;
    }

    private static IEnumerable<CheckResult> Authorities(TlsOptions options, DateTimeOffset now)
    {
        if (options.CaFile is not { } file)
        {
            yield break;
        }

        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            // The agreement says so.
            yield break;
        }

        foreach (X509Certificate2 authority in authorities)
        {
            // A file of authorities may hold some that have had their day; whether one of them matters the agreement tells.
            foreach (CheckResult result in CertificateAge.Of($"authority {authority.Subject} in {file}", authority, now))
            {
                yield return result with { IsWarning = true };
            }

            authority.Dispose();
        }
    }

    private static async Task<IReadOnlyList<CheckResult>> AgreeAsync(
        string subject, HostAndPort host, TlsOptions options, string path, X509Certificate2? own, TimeProvider clock, CancellationToken cancellationToken)
    {
        RemoteCertificateValidationCallback validation = TlsFiles.Validation(options, path);
        string name = options.ServerName ?? host.Host;
        X509Certificate2? shown = null;
        var errors = SslPolicyErrors.None;
        using var timeout = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(host.Host, host.Port, either.Token);
            await using var stream = new SslStream(socket.GetStream());
            var client = new SslClientAuthenticationOptions
            {
                TargetHost = name,
                ClientCertificates = own is null ? null : [own],
                RemoteCertificateValidationCallback = (sender, certificate, chain, found) =>
                {
                    (shown, errors) = (certificate is null ? null : X509CertificateLoader.LoadCertificate(certificate.GetRawCertData()), found);
                    return validation(sender, certificate, chain, found);
                },
            };
            await stream.AuthenticateAsClientAsync(client, either.Token);
            return
            [
                new CheckResult($"{subject}: {Version(stream.SslProtocol)}, {stream.NegotiatedCipherSuite}, certificate until {CertificateAge.Date(shown!.NotAfter)}"),
                .. CertificateAge.Of($"{subject}: the server's certificate", shown, clock.GetUtcNow()),
            ];
        }
        catch (AuthenticationException e)
        {
            return [new CheckResult($"{subject}: encryption", Reason(shown, errors, name, clock.GetUtcNow()) ?? e.Message, Remedy(shown, errors, path, clock.GetUtcNow()))];
        }
        catch (Exception e) when (e is IOException or SocketException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            string what = e is OperationCanceledException ? $"no agreement within {Patience.TotalSeconds:F0} s" : e.Message;
            return [new CheckResult($"{subject}: encryption", what, $"look whether this port speaks TLS; where the server wants a client certificate, set {path}.certificateFile and {path}.keyFile")];
        }
        finally
        {
            shown?.Dispose();
        }
    }

    /// <summary>Why we did not trust the certificate; null when it was not that.</summary>
    private static string? Reason(X509Certificate2? shown, SslPolicyErrors errors, string name, DateTimeOffset now) =>
        shown is null ? null
        : shown.NotAfter.ToUniversalTime() < now.UtcDateTime ? $"the server's certificate ended on {CertificateAge.Date(shown.NotAfter)}"
        : shown.NotBefore.ToUniversalTime() > now.UtcDateTime ? $"the server's certificate begins only on {CertificateAge.Date(shown.NotBefore)}: one of the clocks is wrong"
        : errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? $"the server's certificate ({shown.Subject}) does not bear the name '{name}'"
        : errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) ? $"the server's certificate ({shown.Subject}) is not signed by a trusted authority but by {shown.Issuer}"
        : null;

    private static string Remedy(X509Certificate2? shown, SslPolicyErrors errors, string path, DateTimeOffset now) =>
        shown is null ? $"look at the certificates: {path}.certificateFile must be signed by an authority that the server trusts"
        : shown.NotAfter.ToUniversalTime() < now.UtcDateTime || shown.NotBefore.ToUniversalTime() > now.UtcDateTime ? "renew the server's certificate, or set the clock right"
        : errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? $"set {path}.serverName to a name in it"
        : $"set {path}.caFile to the certificate of the authority that signed it";

#pragma warning disable CA5398, SYSLIB0039 // Names them, does not choose them.
    private static string Version(SslProtocols protocol) => protocol switch
    {
        SslProtocols.Tls13 => "TLS 1.3",
        SslProtocols.Tls12 => "TLS 1.2",
        _ => protocol.ToString(),
    };
#pragma warning restore CA5398, SYSLIB0039
}
