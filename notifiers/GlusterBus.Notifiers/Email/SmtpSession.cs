using GlusterBus.Runtime.Configuration;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace GlusterBus.Notifiers.Email;

/// <summary>A connection to the mail server, encrypted and logged in as configured. Disposed, it says goodbye.</summary>
/// <remarks>A class of the house around the client of the library: a method that returns a task of the client would load the library wherever the catalogue of
/// plugins is read, which is on every node.</remarks>
internal sealed class SmtpSession : IAsyncDisposable
{
    private readonly SmtpClient _client;
    private readonly CancellationToken _end;

    private SmtpSession(SmtpClient client, CancellationToken end) => (_client, _end) = (client, end);

    /// <summary>False when the server has hung up.</summary>
    public bool IsConnected => _client.IsConnected;

    /// <summary>The server with the port that belongs to the encryption.</summary>
    public static HostAndPort Server(EmailOptions options) => HostAndPort.TryParse(options.Server, options.Encryption switch
    {
        EmailEncryption.Tls => 465,
        EmailEncryption.None => 25,
        _ => 587,
    }) ?? throw new ArgumentException("server must be host or host:port", nameof(options));

    /// <summary>Connects, encrypts and logs in, as configured. Files are read at every call, so that renewed ones count from the next mail on.</summary>
    /// <param name="options">Server and login.</param>
    /// <param name="cancellationToken">Ends the attempt, and later the goodbye.</param>
    /// <exception cref="Exception">Whatever goes wrong; <see cref="SmtpFault"/> tells what it means.</exception>
    public static async Task<SmtpSession> OpenAsync(EmailOptions options, CancellationToken cancellationToken)
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

            return new SmtpSession(client, cancellationToken);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Sends a mail to one recipient, so that the answer is this recipient's own.</summary>
    public Task SendAsync(MimeMessage message, MailboxAddress from, MailboxAddress recipient, CancellationToken cancellationToken) =>
        _client.SendAsync(message, from, [recipient], cancellationToken);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _client.DisconnectAsync(quit: true, _end);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SmtpProtocolException or SmtpCommandException or System.Net.Sockets.SocketException)
        {
            // What was to be sent has been taken; a server that hangs up first is gone, too.
        }

        _client.Dispose();
    }

    private static SecureSocketOptions Security(EmailEncryption encryption) => encryption switch
    {
        EmailEncryption.Tls => SecureSocketOptions.SslOnConnect,
        EmailEncryption.None => SecureSocketOptions.None,
        _ => SecureSocketOptions.StartTls,
    };
}
