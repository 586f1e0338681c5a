using System.Globalization;

namespace GlusterBus.Collectors.GlusterEvents.Receiving;

/// <summary>Finds out who has a UDP port, from /proc.</summary>
internal static class PortHolder
{
    /// <summary>The process, such as <c>glustereventsd (pid 812)</c>; null when it can't be seen.</summary>
    public static string? Find(int port)
    {
        try
        {
            HashSet<string> sockets = [.. Inodes("/proc/net/udp", port), .. Inodes("/proc/net/udp6", port)];
            return sockets.Count == 0 ? null : Directory.EnumerateDirectories("/proc")
                .Select(Path.GetFileName).Where(n => char.IsAsciiDigit(n![0]) && Holds(n, sockets))
                .Select(pid => $"{Name(pid!)} (pid {pid})").FirstOrDefault();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode …
    private static IEnumerable<string> Inodes(string table, int port)
    {
        string suffix = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        return File.Exists(table)
            ? File.ReadLines(table).Skip(1).Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(w => w.Length > 9 && w[1].EndsWith(suffix, StringComparison.Ordinal)).Select(w => $"socket:[{w[9]}]")
            : [];
    }

    private static bool Holds(string? pid, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd").Any(fd => new FileInfo(fd).LinkTarget is { } target && sockets.Contains(target));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // A script's process is called after its interpreter; its second word tells more.
    private static string Name(string pid)
    {
        string[] words = File.ReadAllText($"/proc/{pid}/cmdline").Split('\0', StringSplitOptions.RemoveEmptyEntries);
        string? script = words.Length > 1 && Path.GetFileName(words[0]).StartsWith("python", StringComparison.Ordinal) ? words[1] : words.FirstOrDefault();
        return Path.GetFileName(script) ?? File.ReadAllText($"/proc/{pid}/comm").Trim();
    }
}
