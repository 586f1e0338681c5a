using System.Collections.Frozen;
using System.Text;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Entities;

namespace GlusterBus.Collectors.LogTail;

/// <summary>Makes a name of the cluster out of what a line says; null when that can't be done.</summary>
/// <param name="value">The capture; empty for the values that come from the line's place alone.</param>
internal delegate string? LogResolver(string value, in LogLine line, in LogLineContext context);

/// <summary>The resolvers that rules may name: <c>{capture:peer}</c>, and the values that need no capture: <c>{node}</c>.</summary>
internal static class LogResolvers
{
    /// <summary>By the name after the colon in <c>{capture:name}</c>.</summary>
    public static readonly FrozenDictionary<string, LogResolver> OfCapture = new Dictionary<string, LogResolver>
    {
        ["peer"] = (string value, in LogLine _, in LogLineContext context) => context.Node.Topology.Peer(value),
        ["volume"] = (string value, in LogLine _, in LogLineContext context) => context.Node.Topology.Volume(value),
        ["brick"] = (string value, in LogLine _, in LogLineContext context) =>
            value.Contains(":/", StringComparison.Ordinal) ? Known(context.Node.Topology, b => b.HostAndPath == value) ?? Unknown(EntityId.AnyVolume, value) : null,
        ["localBrick"] = (string value, in LogLine _, in LogLineContext context) =>
            value.StartsWith('/') ? LocalBrick(value, context) : null,
        ["domainBrick"] = DomainBrickAt,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>By the whole name in braces.</summary>
    public static readonly FrozenDictionary<string, LogResolver> OfPlace = new Dictionary<string, LogResolver>
    {
        ["node"] = (string _, in LogLine _, in LogLineContext context) => context.Node.Name,
        ["domain.volume"] = (string _, in LogLine line, in LogLineContext context) => DomainVolume(line.Domain, context.Node.Topology),
        ["domain.brick"] = DomainBrick,
        ["file.brick"] = (string _, in LogLine _, in LogLineContext context) => FileBrick(context),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The volume in a domain such as <c>13-rv-replicate-0</c>: the longest known name that fits, else what is left without graph number and translator.</summary>
    /// <remarks>Names hold dashes, translators too; the graph number changes with every volume set.</remarks>
    internal static string? DomainVolume(ReadOnlySpan<byte> domain, Topology topology)
    {
        int dash = domain.IndexOf((byte)'-');
        if (dash < 1 || domain[..dash].IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0)
        {
            return null;
        }

        string name = Encoding.UTF8.GetString(domain[(dash + 1)..]);
        string? known = topology.VolumeNames.Values.Concat(topology.Bricks.Select(b => b.Volume))
            .Where(v => name == v || (name.StartsWith(v, StringComparison.Ordinal) && name[v.Length] == '-'))
            .MaxBy(v => v.Length);
        if (known is not null)
        {
            return known;
        }

        int end = name.LastIndexOf('-');
        if (end > 0 && name.AsSpan(end + 1).IndexOfAnyExceptInRange('0', '9') < 0)
        {
            end = name.LastIndexOf('-', end - 1);
        }

        return end > 0 ? name[..end] : null;
    }

    /// <summary>This node's brick at a path, of the volume that the domain names.</summary>
    private static string? DomainBrickAt(string path, in LogLine line, in LogLineContext context)
    {
        if (!path.StartsWith('/'))
        {
            return null;
        }

        Topology topology = context.Node.Topology;
        string? volume = DomainVolume(line.Domain, topology);
        return Known(topology, b => b.IsLocal && b.Path == path && b.Volume == volume)
            ?? (volume is null ? LocalBrick(path, context) : Unknown(volume, $"{context.Node.Name}:{path}"));
    }

    /// <summary>This node's brick of the volume that the domain names. Where the node has several of that volume, the file's name decides;
    /// it can't decide alone, because bricks may share a process and then share its log.</summary>
    private static string? DomainBrick(string value, in LogLine line, in LogLineContext context)
    {
        Topology topology = context.Node.Topology;
        if (DomainVolume(line.Domain, topology) is not { } volume)
        {
            return null;
        }

        List<BrickAddress> bricks = [.. topology.Bricks.Where(b => b.IsLocal && b.Volume == volume)];
        string? path = context.BrickPath;
        return bricks switch
        {
            [BrickAddress only] => only.Entity.Value,
            [] => path is null ? null : Unknown(volume, $"{context.Node.Name}:{path}"),
            _ => bricks.Find(b => path is not null && Dashed(b.Path) == Dashed(path))?.Entity.Value,
        };
    }

    // A brick's log is called by its path with dashes for slashes, so several paths may fit the name: the cluster's definition says which one exists.
    private static string? FileBrick(in LogLineContext context)
    {
        if (context.BrickPath is not { } path)
        {
            return null;
        }

        return Known(context.Node.Topology, b => b.IsLocal && Dashed(b.Path) == Dashed(path)) ?? LocalBrick(path, context);
    }

    private static string LocalBrick(string path, in LogLineContext context)
    {
        string hostAndPath = $"{context.Node.Name}:{path}";
        return Known(context.Node.Topology, b => b.IsLocal && b.Path == path)
            ?? Known(context.Node.Topology, b => b.HostAndPath == hostAndPath)
            ?? Unknown(EntityId.AnyVolume, hostAndPath);
    }

    private static string? Known(Topology topology, Func<BrickAddress, bool> fits) => topology.Bricks.FirstOrDefault(fits)?.Entity.Value;

    // A line may hold anything, so this is only text until the rule has checked that it is an entity id.
    private static string Unknown(string volume, string hostAndPath) => $"brick/{volume}/{hostAndPath}";

    private static string Dashed(string path) => path.Trim('/').Replace('/', '-');
}
