using System.Text.RegularExpressions;

namespace GlusterBus.Contracts.Topology;

/// <summary>What a cluster may be called.</summary>
public static partial class ClusterName
{
    /// <summary>Letters, digits, dot, underscore and hyphen, at most 63, the first one a letter or digit.</summary>
    public const string Pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$";

    public static bool IsValid(string name) => Form().IsMatch(name);

    [GeneratedRegex(Pattern + "(?!\n)")]
    private static partial Regex Form();
}
