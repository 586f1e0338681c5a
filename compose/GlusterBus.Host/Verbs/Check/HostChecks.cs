using System.Net;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Host.Hosting;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Host.Verbs.Check;

/// <summary>What the host itself needs of the machine. Leaves nothing behind.</summary>
internal static class HostChecks
{
    public static IEnumerable<CheckResult> Run(GlusterBusOptions options)
    {
        yield return Folder("data folder", options.DataDirectory, "dataDirectory");
        yield return Folder("socket folder", Path.GetDirectoryName(Path.GetFullPath(options.Api.Socket))!, "api.socket");
        yield return InstanceLock.Holder(options.DataDirectory) is { } process
            ? new CheckResult("no other instance", $"process {process} runs on {options.DataDirectory}", "nothing, if that is the one you want; its ports count as taken below", IsWarning: true)
            : new CheckResult("no other instance on " + options.DataDirectory);
        if (options.Api.TokenFile is { } file)
        {
            yield return Readable("token file " + file, file);
        }

        if (options.Api.DashboardEndPoint() is { } dashboard)
        {
            yield return IPAddress.IsLoopback(dashboard.Address)
                ? new CheckResult($"dashboard on {dashboard}")
                : new CheckResult($"dashboard on {dashboard}", "whoever reaches it may read everything", "set api.dashboard to the port alone, and put a proxy with a login before it", IsWarning: true);
        }
    }

    /// <summary>Whether the disk has room for what a collector keeps while the broker is away.</summary>
    public static CheckResult Spool(GlusterBusOptions options)
    {
        string folder = Path.Combine(options.DataDirectory, "spool");
        string subject = $"spool {folder}, up to {options.Spool.MaximumMegabytes} MiB";
        CheckResult written = Folder("spool", folder, "dataDirectory");
        if (written.Problem is not null)
        {
            return written;
        }

        long free = new DriveInfo(Existing(folder)).AvailableFreeSpace >> 20;
        return free >= options.Spool.MaximumMegabytes
            ? new CheckResult(subject)
            : new CheckResult(subject, $"the disk has only {free} MiB left", "make room, set spool.maximumMegabytes lower, or set dataDirectory to another disk", IsWarning: true);
    }

    private static string Existing(string path)
    {
        string existing = Path.GetFullPath(path);
        while (!Directory.Exists(existing))
        {
            existing = Path.GetDirectoryName(existing)!;
        }

        return existing;
    }

    private static CheckResult Folder(string what, string path, string key)
    {
        // The nearest folder that exists decides whether the rest can be made.
        string existing = Existing(path);
        string probe = Path.Combine(existing, $".glusterbus-check-{Environment.ProcessId}");
        try
        {
            using (new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose))
            {
                return new CheckResult($"{what} {path}{(existing == Path.GetFullPath(path) ? "" : " (will be made)")}");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new CheckResult($"{what} {path}", $"{existing} can't be written by this user", $"run as root, or set {key}");
        }
    }

    private static CheckResult Readable(string what, string path)
    {
        try
        {
            using FileStream opened = File.OpenRead(path);
            return new CheckResult(what);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new CheckResult(what, e.Message, "make the file readable, or set api.tokenFile");
        }
    }
}
