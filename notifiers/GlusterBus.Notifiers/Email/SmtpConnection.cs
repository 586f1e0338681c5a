using GlusterBus.Runtime.Configuration;
using MailKit.Net.Smtp;
using MailKit.Security;

namespace GlusterBus.Notifiers.Email;

/// <summary>The way to the mail server.</summary>
internal static class SmtpConnection
{
    /// <summary>The server with the port that belongs to the encryption.</summary>
    public static HostAndPort Server(EmailOptions options) => HostAndPort.TryParse(options.Server, options.Encryption switch
    {
        EmailEncryption.Tls => 465,
        EmailEncryption.None => 25,
        _ => 587,
    }) ?? throw new ArgumentException("server must be host or host:port", nameof(options));

    /// <summary>Connects, encrypts and logs in, as configured. Files are read at every call, so that renewed ones count from the next mail on.</summary>
    /// <exception cref="Exception">Whatever goes wrong; <see cref="SmtpFault"/> tells what it means.</exception>
    public static async Task<SmtpClient> OpenAsync(EmailOptions options, CancellationToken cancellationToken)
    {
        HostAndPort server = Server(options);
        var client = new SmtpClient { CheckCertificateRevocation = false };
        try
        {
            if (options.Encryption != EmailEncryption.None)
            {
                client.ServerCertificateValidationCallback = TlsFiles.Validation(new TlsOptions { Enabled = true, CaFile = options.CaFile }, "email");
            }

            await client.ConnectAsync(server.Host, server.Port, Security(options.Encryption), cancellationToken);
            if (options.User is { } user)
            {
                await client.AuthenticateAsync(user, SecretText.Read(options.Password, options.PasswordFile, "email.passwordFile")!, cancellationToken);
            }

            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Says goodbye, but not at any price: what was to be sent has been taken.</summary>
    public static async Task CloseAsync(SmtpClient client, CancellationToken cancellationToken)
    {
        try
        {
            await client.DisconnectAsync(quit: true, cancellationToken);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SmtpProtocolException or SmtpCommandException or System.Net.Sockets.SocketException)
        {
            // A server that hangs up first is gone, too.
        }

        client.Dispose();
    }

    private static SecureSocketOptions Security(EmailEncryption encryption) => encryption switch
    {
        EmailEncryption.Tls => SecureSocketOptions.SslOnConnect,
        EmailEncryption.None => SecureSocketOptions.None,
        _ => SecureSocketOptions.StartTls,
    };
}
