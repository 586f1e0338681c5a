using System.IO.Enumeration;
using System.Text.RegularExpressions;

namespace GlusterBus.Collectors.LogTail;

/// <summary>The log folder: which logs are in it, and which files rotation made of them. Names only; the files are not opened.</summary>
internal sealed partial class LogFolder(string root, IReadOnlyList<string> include, IReadOnlyList<string> exclude)
{
    private readonly Dictionary<string, long> _modified = [];

    public string Root { get; } = Path.GetFullPath(root);

    public string PathOf(string log) => Path.Combine(Root, log);

    /// <summary>True when a name came or went since the last <see cref="Scan"/>, as far as the folders' times tell.</summary>
    public bool HasChanged() =>
        include.Select(FolderOf).Append("").Distinct().Any(folder => !folder.Contains('*', StringComparison.Ordinal) && ModifiedOf(folder) != _modified.GetValueOrDefault(folder));

    /// <summary>Every log with its rotated files, whether the log itself is there at present or not. Relative names, in order.</summary>
    /// <param name="refused">Told of folders that may not be read.</param>
    public SortedDictionary<string, List<string>> Scan(Action<string, Exception> refused)
    {
        var found = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (string folder in include.Select(FolderOf).Distinct().SelectMany(Expand).Distinct())
        {
            try
            {
                _modified[folder] = ModifiedOf(folder);
                foreach (string path in Directory.EnumerateFiles(Path.Combine(Root, folder)))
                {
                    Sort(Path.Combine(folder, Path.GetFileName(path)), found);
                }
            }
            catch (DirectoryNotFoundException)
            {
                // It may come later: bricks/ appears with the first brick.
            }
            catch (Exception e) when (e is UnauthorizedAccessException or IOException)
            {
                refused(Path.Combine(Root, folder), e);
            }
        }

        return found;
    }

    /// <summary>The files that rotation made of one log.</summary>
    public IReadOnlyList<string> RotatedOf(string log)
    {
        var found = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        string folder = FolderOf(log);
        foreach (string path in Directory.EnumerateFiles(Path.Combine(Root, folder), Path.GetFileName(log) + "*"))
        {
            Sort(Path.Combine(folder, Path.GetFileName(path)), found);
        }

        return found.GetValueOrDefault(log, []);
    }

    public bool IsLog(string name) => include.Any(glob => Matches(glob, name)) && !exclude.Any(glob => Matches(glob, name));

    /// <summary>What writes a log, by its name.</summary>
    public static LogKind KindOf(string log) => log switch
    {
        "glusterd.log" or "etc-glusterfs-glusterd.vol.log" => LogKind.Glusterd,
        "glustershd.log" => LogKind.SelfHeal,
        _ when log.StartsWith("bricks/", StringComparison.Ordinal) => LogKind.Brick,
        "bitd.log" or "scrub.log" or "quotad.log" or "nfs.log" or "sshd.log" or "hooks-dump.log" or "gfproxyd.log" or "snapd.log" => LogKind.Other,
        _ when log.Contains('/', StringComparison.Ordinal) || log.EndsWith("-rebalance.log", StringComparison.Ordinal) || log.StartsWith("quota-mount-", StringComparison.Ordinal) => LogKind.Other,
        _ => LogKind.Mount,
    };

    private void Sort(string name, SortedDictionary<string, List<string>> found)
    {
        if (IsLog(name))
        {
            found.TryAdd(name, []);
        }
        else if (RotatedName().Match(name) is { Success: true } match && IsLog(match.Groups["log"].Value))
        {
            string log = match.Groups["log"].Value;
            found.TryAdd(log, []);
            found[log].Add(name);
        }
    }

    private long ModifiedOf(string folder) => FileStatus.Of(Path.Combine(Root, folder))?.Modified ?? 0;

    private IEnumerable<string> Expand(string folder)
    {
        int star = folder.AsSpan().IndexOfAny('*', '?');
        if (star < 0)
        {
            return [folder];
        }

        string parent = FolderOf(folder);
        string name = Path.GetFileName(folder);
        return Expand(parent)
            .Where(known => Directory.Exists(Path.Combine(Root, known)))
            .SelectMany(known => Directory.EnumerateDirectories(Path.Combine(Root, known), name).Select(path => Path.Combine(known, Path.GetFileName(path))));
    }

    private static string FolderOf(string name) => Path.GetDirectoryName(name) ?? "";

    private static bool Matches(string glob, string name)
    {
        string[] patterns = glob.Split('/');
        string[] parts = name.Split('/');
        return patterns.Length == parts.Length && patterns.Zip(parts).All(pair => FileSystemName.MatchesSimpleExpression(pair.First, pair.Second, ignoreCase: false));
    }

    /// <summary>Gluster's <c>volume log rotate</c> appends seconds since 1970, logrotate a number or a date.</summary>
    [GeneratedRegex(@"^(?<log>.+?)[.-]\d[\d.-]*(\.gz)?$", RegexOptions.CultureInvariant)]
    private static partial Regex RotatedName();
}
