using System.ComponentModel;
using System.Diagnostics;
using System.Xml;
using System.Xml.Linq;
using GlusterBus.Runtime.Gluster;

namespace GlusterBus.Collectors.Gluster;

/// <summary>Runs the node's <c>gluster</c> program, one process per command. Thread-safe.</summary>
public sealed class GlusterCli(GlusterCliOptions options, TimeProvider clock) : IGlusterCli
{
    /// <summary>The most bytes taken from one answer.</summary>
    public const int MaximumAnswer = 64 * 1024 * 1024;

    private const string DaemonDown = "Connection failed. Please check if gluster daemon is operational.";
    private const string DefaultStateFolder = "/run/gluster";

    private static readonly XmlReaderSettings XmlSettings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,

        // File names in replies may hold characters that XML forbids.
        CheckCharacters = false,
    };

    public async Task<XDocument> QueryAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        string shown = $"gluster {string.Join(' ', command)}";
        ChildOutput answer = await RunAsync(shown, [.. command, "--xml"], cancellationToken);
        return ReadReply(shown, answer);
    }

    public async Task<string> GetStateAsync(CancellationToken cancellationToken)
    {
        const string shown = "gluster get-state";
        DirectoryInfo folder = CreatePrivateFolder();
        try
        {
            const string name = "state";
            ChildOutput answer = await RunAsync(shown, ["get-state", "odir", folder.FullName, "file", name], cancellationToken);
            var file = new FileInfo(Path.Combine(folder.FullName, name));
            if (answer.ExitCode != 0 || !file.Exists)
            {
                throw Refused(shown, answer, Said(answer));
            }

            if (file.Length > MaximumAnswer)
            {
                throw new GlusterReplyException($"'{shown}' wrote {file.Length} bytes, more than the {MaximumAnswer} that are read");
            }

            return await File.ReadAllTextAsync(file.FullName, cancellationToken);
        }
        catch (IOException e)
        {
            throw new GlusterReplyException($"the file of '{shown}' can't be read: {e.Message}", inner: e);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Pure: the reply in an answer. The exit code does not count, it is 0 even when the command failed.</summary>
    /// <param name="shown">The command, for messages.</param>
    /// <exception cref="GlusterReplyException">As <see cref="IGlusterCli.QueryAsync"/> says.</exception>
    internal static XDocument ReadReply(string shown, ChildOutput answer)
    {
        XDocument reply;
        try
        {
            using var reader = XmlReader.Create(new StringReader(answer.Out), XmlSettings);
            reply = XDocument.Load(reader);
        }
        catch (XmlException e)
        {
            throw Refused(shown, answer, $"no XML ({Said(answer)})", e);
        }

        string? result = reply.Root?.Element("opRet")?.Value;
        if (result == "0")
        {
            return reply;
        }

        string? reason = reply.Root?.Element("opErrstr")?.Value;
        string? number = reply.Root?.Element("opErrno")?.Value;
        throw Refused(shown, answer, result is null ? "a reply without opRet" : $"{OneLine(reason)} (opRet {result}, opErrno {number ?? "?"})");
    }

    private static GlusterReplyException Refused(string shown, ChildOutput answer, string reason, Exception? inner = null)
    {
        if (answer.Out.Contains(DaemonDown, StringComparison.Ordinal) || answer.Error.Contains(DaemonDown, StringComparison.Ordinal))
        {
            return new GlusterReplyException($"'{shown}' did not reach glusterd: {DaemonDown}", isDaemonDown: true, inner) { Remedy = "systemctl start glusterd" };
        }

        bool denied = answer.Out.Contains("Permission denied", StringComparison.Ordinal) || answer.Error.Contains("Permission denied", StringComparison.Ordinal);
        return new GlusterReplyException($"'{shown}' answered: {reason}", inner: inner)
        {
            Remedy = denied ? "run as root: the gluster command needs it" : null,
        };
    }

    /// <summary>What the program said in place of an answer, as one short line.</summary>
    private static string Said(ChildOutput answer)
    {
        string said = string.Concat(answer.Error, " ", answer.Out).Trim();
        return $"exit code {answer.ExitCode}: {OneLine(said)}";
    }

    private static string OneLine(string? text)
    {
        string line = string.Join(' ', (text ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length switch { 0 => "no reason given", > 300 => line[..299] + "…", _ => line };
    }

    private async Task<ChildOutput> RunAsync(string shown, IEnumerable<string> command, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(options.Command, ["--mode=script", .. options.Arguments, .. command]);
        start.Environment["LC_ALL"] = "C";
        using var deadline = new CancellationTokenSource(options.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            return await ChildOutput.RunAsync(start, MaximumAnswer, either.Token);
        }
        catch (Win32Exception e)
        {
            throw new GlusterReplyException($"'{options.Command}' can't be run: {e.Message}", inner: e)
            {
                Remedy = "install glusterfs-server, or set the path of the gluster command",
            };
        }
        catch (InvalidDataException e)
        {
            throw new GlusterReplyException($"'{shown}' answered with {e.Message}", inner: e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new GlusterReplyException($"'{shown}' did not answer within {options.Timeout}", inner: e) { Remedy = "look at glusterd.log: glusterd is busy or hangs" };
        }
    }

    /// <summary>Only the owner may look into it: option values may be secrets.</summary>
    private DirectoryInfo CreatePrivateFolder()
    {
        string[] candidates = options.StateFolder is { } set ? [set] : [DefaultStateFolder, Path.GetTempPath()];
        Exception? last = null;
        foreach (string candidate in candidates.Where(Directory.Exists))
        {
            try
            {
                string path = Path.Combine(candidate, "glusterbus-" + Path.GetRandomFileName());
                return OperatingSystem.IsWindows()
                    ? throw new PlatformNotSupportedException("Gluster runs on Linux and BSD")
                    : Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
            catch (Exception e) when (e is UnauthorizedAccessException or IOException)
            {
                last = e;
            }
        }

        throw new GlusterReplyException($"no folder for the file of get-state: {last?.Message ?? $"{candidates[0]} does not exist"}", inner: last)
        {
            Remedy = "name a folder that glusterd and GlusterBus both see and may write to",
        };
    }
}
