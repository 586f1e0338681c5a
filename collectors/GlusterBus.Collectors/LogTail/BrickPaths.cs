using GlusterBus.Collectors.Node;

namespace GlusterBus.Collectors.LogTail;

/// <summary>Tells a brick's path from the name of its log, <c>bricks/srv-rv1.log</c>: Gluster writes each slash of the path as a dash, so a
/// name alone may mean several paths.</summary>
internal sealed class BrickPaths
{
    private readonly Dictionary<string, string> _byLog = [];
    private Topology? _topology;

    /// <summary>The path of the node's own brick whose log has this name; with the dashes read as slashes where no known brick fits.</summary>
    public string Of(string log, Topology topology)
    {
        if (!ReferenceEquals(_topology, topology))
        {
            _byLog.Clear();
            _topology = topology;
        }

        if (!_byLog.TryGetValue(log, out string? path))
        {
            string name = Path.GetFileNameWithoutExtension(log);
            path = topology.Bricks.FirstOrDefault(brick => brick.IsLocal && brick.Path.TrimStart('/').Replace('/', '-') == name)?.Path ?? "/" + name.Replace('-', '/');
            _byLog[log] = path;
        }

        return path;
    }
}
