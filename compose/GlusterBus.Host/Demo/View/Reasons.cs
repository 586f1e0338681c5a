namespace GlusterBus.Host.Demo.View;

/// <summary>What the router's reasons for silence mean, in a few words.</summary>
internal static class Reasons
{
    private static readonly Dictionary<string, (string Meaning, string Colour)> Known = new(StringComparer.Ordinal)
    {
        ["same-source"] = ("the same source said so before", "grey50"),
        ["other-source"] = ("another source of the node said so before", "steelblue1"),
        ["other-node"] = ("another node said so before", "mediumpurple2"),
        ["expected"] = ("as it should be", "green4"),
        ["enrichment"] = ("tells more, changes nothing", "cadetblue"),
        ["hint"] = ("a sign, waits for proof", "gold3"),
        ["late"] = ("older than what is known", "darkorange"),
        ["cannot-end"] = ("can't end the present state", "indianred"),
        ["held"] = ("waits for its hold time", "khaki3"),
        ["hold-cancelled"] = ("was over within its hold time", "khaki1"),
        ["untrusted"] = ("from a sender outside the cluster", "red3"),
        ["outvoted"] = ("the other nodes are of another opinion", "plum3"),
        ["already-applied"] = ("was applied before", "grey37"),
        ["invalid"] = ("outside the vocabulary", "red1"),
    };

    public static string Meaning(string reason) => Known.TryGetValue(reason, out (string Meaning, string Colour) known) ? known.Meaning : "";

    public static string Colour(string reason) => Known.TryGetValue(reason, out (string Meaning, string Colour) known) ? known.Colour : "grey";
}
