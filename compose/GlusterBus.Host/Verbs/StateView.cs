using System.Globalization;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Runtime.Text;
using Spectre.Console;

namespace GlusterBus.Host.Verbs;

/// <summary>The state table for people: a tree of volumes and nodes with what belongs to them, or a table.</summary>
internal static class StateView
{
    private static readonly string[] OfVolumes = ["brick", "subvol", "quorum", "config", "usage", "filesystem", "splitbrain", "quota", "bitrot", "object", "rebalance", "tier", "snaplimit", "client"];
    private static readonly string[] OfNodes = ["peer", "daemon", "collector", "disk"];

    public static void Write(IReadOnlyList<EntityState> rows, bool asTable, IAnsiConsole console)
    {
        if (rows.Count == 0)
        {
            console.WriteLine("nothing is known, or nothing matches");
        }
        else if (asTable)
        {
            console.Write(Table(rows));
        }
        else
        {
            console.Write(Tree(rows));
        }
    }

    private static Table Table(IReadOnlyList<EntityState> rows)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = true };
        table.AddColumns("ENTITY", "STATE", "SEVERITY", "SINCE", "CHANGES");
        foreach (EntityState row in rows)
        {
            table.AddRow(
                new Text(Clean(row.Entity.Value)),
                new Text(row.State ?? "-", Terminal.Style(row.Severity)),
                new Text(row.Severity.Name(), Terminal.Style(row.Severity)),
                new Text(Since(row)),
                new Text(row.Sequence.ToString(CultureInfo.InvariantCulture)));
        }

        return table;
    }

    private static Tree Tree(IReadOnlyList<EntityState> rows)
    {
        var tree = new Tree(new Text("cluster"));
        ILookup<string, EntityState> byOwner = rows.ToLookup(row => Owner(row.Entity));
        foreach (EntityState row in byOwner[""].OrderBy(row => Rank(row.Entity.Kind)).ThenBy(row => row.Entity))
        {
            TreeNode node = tree.AddNode(Label(row, row.Entity.Value));
            Add(node, byOwner[row.Entity.Value]);
        }

        // What belongs to something that is not shown itself, because it is gone or filtered out.
        HashSet<string> shown = [.. byOwner[""].Select(row => row.Entity.Value)];
        foreach (IGrouping<string, EntityState> orphans in byOwner.Where(g => g.Key.Length > 0 && !shown.Contains(g.Key)).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            Add(tree.AddNode(new Text(Clean(orphans.Key))), orphans);
        }

        return tree;
    }

    private static void Add(TreeNode node, IEnumerable<EntityState> children)
    {
        foreach (EntityState child in children.OrderBy(c => Rank(c.Entity.Kind)).ThenBy(c => c.Entity))
        {
            int slash = child.Entity.Name.IndexOf('/', StringComparison.Ordinal);
            node.AddNode(Label(child, slash < 0 ? child.Entity.Kind : $"{child.Entity.Kind} {child.Entity.Name[(slash + 1)..]}"));
        }
    }

    /// <summary>The entity under which another one is shown; empty for those at the top.</summary>
    private static string Owner(EntityId entity)
    {
        string first = entity.Name.Split('/')[0];
        return OfVolumes.Contains(entity.Kind) ? "volume/" + first : OfNodes.Contains(entity.Kind) ? "node/" + first : "";
    }

    private static int Rank(string kind) => Array.IndexOf(["cluster", "volume", "node", "brick", "subvol", "daemon", "peer"], kind) is var rank and >= 0 ? rank : int.MaxValue;

    private static Paragraph Label(EntityState row, string name) =>
        new Paragraph().Append(Clean(name) + "  ").Append(row.State ?? "(no state)", Terminal.Style(row.Severity)).Append($"  since {Since(row)}", new Style(decoration: Decoration.Dim));

    private static string Since(EntityState row) => row.Since?.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "before the record";

    private static string Clean(string text) => TransitionText.Clean(text);
}
