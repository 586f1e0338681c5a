using System.Xml.Linq;
using GlusterBus.Collectors.GetState;

namespace GlusterBus.Collectors.Tests.GetState;

/// <summary>What real nodes answered (GlusterFS 10.3, three nodes).</summary>
internal static class Samples
{
    public static string Text(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "fixtures", "get-state", name));

    public static ClusterState State(string name) => GetStateReader.Read(Text(name));

    public static XDocument Xml(string name) => XDocument.Parse(Text(name));
}
