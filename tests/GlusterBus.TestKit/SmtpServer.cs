using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace GlusterBus.TestKit;

/// <summary>A mail that the server has taken.</summary>
/// <param name="File">The message as it came over the wire.</param>
/// <param name="From">The sender of the envelope.</param>
/// <param name="To">The recipients of the envelope.</param>
/// <param name="Encrypted">True when it came over TLS.</param>
/// <param name="User">Who had logged in; null when nobody.</param>
public sealed record TakenMail(string File, string From, IReadOnlyList<string> To, bool Encrypted, string? User);

/// <summary>A real mail server of the test's own on a loopback port, with a folder of its own. Needs the package python3-aiosmtpd.</summary>
public sealed class SmtpServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, object> _options;
    private readonly Dictionary<string, string> _answers = [];
    private ServerProcess? _process;

    private SmtpServer(Dictionary<string, object> options) => (_options, Port) = (options, FreePorts.Take(1)[0]);

    /// <summary>Why no server can be started here; null when one can.</summary>
    public static string? Obstacle { get; } = CanImport() ? null : "python3-aiosmtpd is not installed";

    public int Port { get; }

    /// <summary>What came so far, in order.</summary>
    public IReadOnlyList<TakenMail> Mails =>
        [.. Directory.EnumerateFiles(_folder.Path, "0*.json").Order(StringComparer.Ordinal).Select(file =>
        {
            using JsonDocument about = JsonDocument.Parse(File.ReadAllBytes(file));
            JsonElement root = about.RootElement;
            return new TakenMail(
                Path.ChangeExtension(file, ".eml"),
                root.GetProperty("from").GetString()!,
                [.. root.GetProperty("to").EnumerateArray().Select(to => to.GetString()!)],
                root.GetProperty("encrypted").GetBoolean(),
                root.GetProperty("user").GetString());
        })];

    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="mode"><c>none</c>, <c>starttls</c> (and nothing without it) or <c>tls</c>.</param>
    /// <param name="certificate">Certificate and key, for the modes with TLS.</param>
    /// <param name="login">Who must log in; null lets everybody send.</param>
    public static async Task<SmtpServer> StartAsync(
        CancellationToken cancellationToken, string mode = "none", (string CertificateFile, string KeyFile)? certificate = null, (string User, string Password)? login = null)
    {
        var options = new Dictionary<string, object> { ["mode"] = mode };
        if (certificate is { } pair)
        {
            (options["certificate"], options["key"]) = (pair.CertificateFile, pair.KeyFile);
        }

        if (login is { } account)
        {
            (options["user"], options["password"]) = (account.User, account.Password);
        }

        var server = new SmtpServer(options);
        try
        {
            await server.StartServerAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it, again after its process has ended, and waits until it listens.</summary>
    public async Task StartServerAsync(CancellationToken cancellationToken)
    {
        WriteOptions();
        _process = ServerProcess.Start(
            "/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "smtp", "server.py"), _folder.Path, Port.ToString(CultureInfo.InvariantCulture)], _folder.File("output"));
        while (!await ListensAsync(cancellationToken))
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"the mail server ended: {await File.ReadAllTextAsync(_folder.File("output"), cancellationToken)}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Ends it as a crash does.</summary>
    public Task KillAsync() => _process!.KillAsync();

    /// <summary>Waits for its end.</summary>
    public Task WaitForEndAsync() => _process!.WaitAsync();

    /// <summary>Lets it answer otherwise from now on.</summary>
    /// <param name="word"><c>mail</c>, <c>data</c>, or the address of a recipient; <c>after-data</c> with <c>die</c> ends it when it has kept a mail, before it says so.</param>
    /// <param name="reply">Such as <c>550 no such user</c>; null makes it friendly again; <c>hang</c> for <c>data</c> never answers.</param>
    public void Answer(string word, string? reply)
    {
        if (reply is null)
        {
            _answers.Remove(word);
        }
        else
        {
            _answers[word] = reply;
        }

        WriteOptions();
    }

    /// <summary>Waits until so many mails have come, and returns all.</summary>
    public async Task<IReadOnlyList<TakenMail>> WaitAsync(int count, CancellationToken cancellationToken)
    {
        while (true)
        {
            IReadOnlyList<TakenMail> mails = Mails;
            if (mails.Count >= count)
            {
                return mails;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _folder.Dispose();
    }

    private void WriteOptions()
    {
        // By renaming: it may be read at any moment.
        string fresh = _folder.File("options.new");
        File.WriteAllText(fresh, JsonSerializer.Serialize(new Dictionary<string, object>(_options) { ["answers"] = _answers }));
        File.Move(fresh, _folder.File("options.json"), overwrite: true);
    }

    private async Task<bool> ListensAsync(CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Port), cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static bool CanImport()
    {
        using Process process = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", "import aiosmtpd"]) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
