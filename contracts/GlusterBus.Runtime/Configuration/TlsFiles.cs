using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GlusterBus.Runtime.Configuration;

/// <summary>Turns <see cref="TlsOptions"/> into what the clients of broker and Redis need. Files are read at every call, so that renewed ones count from the
/// next connection on.</summary>
public static class TlsFiles
{
    /// <summary>The client's certificate with its key; null when none is configured.</summary>
    /// <exception cref="ConfigurationException">A file can't be read or does not fit the other.</exception>
    public static X509Certificate2? ClientCertificate(TlsOptions options, string path)
    {
        if (options.CertificateFile is not { } certificate)
        {
            return null;
        }

        try
        {
            // Through PKCS #12: a certificate with an ephemeral key is not taken by every user of it.
            using X509Certificate2 pem = X509Certificate2.CreateFromPemFile(certificate, options.KeyFile);
            return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new ConfigurationException([new ConfigurationProblem(certificate, path + ".certificateFile", e.Message)], e);
        }
    }

    /// <summary>Whether a server's certificate is to be trusted: the private authorities where they are configured, else what the system says.</summary>
    /// <exception cref="ConfigurationException">The authorities' file can't be read.</exception>
    public static RemoteCertificateValidationCallback Validation(TlsOptions options, string path)
    {
        if (options.CaFile is not { } file)
        {
            return static (_, _, _, errors) => errors == SslPolicyErrors.None;
        }

        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new ConfigurationException([new ConfigurationProblem(file, path + ".caFile", e.Message)], e);
        }

        return (_, certificate, chain, errors) =>
        {
            if (certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
            {
                return false;
            }

            using var own = new X509Chain();
            own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            own.ChainPolicy.CustomTrustStore.AddRange(authorities);
            foreach (X509ChainElement element in chain?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
            {
                own.ChainPolicy.ExtraStore.Add(element.Certificate);
            }

            return own.Build(new X509Certificate2(certificate));
        };
    }
}
