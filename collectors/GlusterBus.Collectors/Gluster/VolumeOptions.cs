namespace GlusterBus.Collectors.Gluster;

/// <summary>What of a volume option may leave the node.</summary>
public static class VolumeOptions
{
    /// <summary>Shown in place of a value that may be a secret.</summary>
    public const string Hidden = "***";

    private static readonly string[] SecretWords = ["auth", "ssl", "secret", "password", "login"];

    /// <summary>The value to show for an option: itself, or <see cref="Hidden"/> where the name speaks of access.</summary>
    public static string Shown(string option, string value) =>
        SecretWords.Any(word => option.Contains(word, StringComparison.OrdinalIgnoreCase)) ? Hidden : value;
}
