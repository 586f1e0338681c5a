using System.Diagnostics;

namespace GlusterBus.TestKit;

/// <summary>A certificate authority of the test's own, made with openssl; the files are gone with it.</summary>
public sealed class PrivateAuthority : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private PrivateAuthority()
    {
    }

    /// <summary>The authority's certificate.</summary>
    public string CaFile => _folder.File("ca.crt");

    public static async Task<PrivateAuthority> CreateAsync(CancellationToken cancellationToken)
    {
        var authority = new PrivateAuthority();
        await authority.RunAsync(
            cancellationToken, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=test authority", "-keyout", "ca.key", "-out", "ca.crt");
        return authority;
    }

    /// <summary>Makes a certificate for these names and addresses, as in <c>DNS:localhost,IP:127.0.0.1</c>.</summary>
    public async Task<(string CertificateFile, string KeyFile)> IssueAsync(string name, string alternativeNames, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(_folder.File(name + ".ext"), "subjectAltName=" + alternativeNames + "\n", cancellationToken);
        await RunAsync(
            cancellationToken, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=" + name, "-keyout", name + ".key", "-out", name + ".csr");
        await RunAsync(
            cancellationToken, "x509", "-req", "-in", name + ".csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", name + ".ext", "-out", name + ".crt");
        return (_folder.File(name + ".crt"), _folder.File(name + ".key"));
    }

    public void Dispose() => _folder.Dispose();

    private async Task RunAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("openssl", arguments) { WorkingDirectory = _folder.Path, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        string errors = await process.StandardError.ReadToEndAsync(cancellationToken);
        await output;
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException("openssl failed: " + errors);
        }
    }
}
