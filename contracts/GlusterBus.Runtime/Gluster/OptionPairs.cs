namespace GlusterBus.Runtime.Gluster;

/// <summary>The options of a VOLUME_SET datagram, which arrive as <c>,name,value,name,value</c> with nothing quoted.</summary>
public static class OptionPairs
{
    /// <summary>What stands in the place of a secret.</summary>
    public const string Redacted = "***";

    /// <summary>The first parts of Gluster's option names (<c>gluster volume set help</c>, release 11), to tell a name from a part of a value.</summary>
    private static readonly string[] Namespaces =
    [
        "auth", "changelog", "client", "cloudsync", "cluster", "config", "ctime", "debug", "delay-gen", "dht", "diagnostics", "disperse", "features",
        "ganesha", "geo-replication", "locks", "namespace", "network", "nfs", "performance", "server", "ssl", "storage", "transport", "user",
    ];

    private static readonly string[] SecretWords = ["auth", "ssl", "secret", "password", "login"];

    /// <summary>The pairs in their order.</summary>
    /// <remarks>A value may hold commas. Where every second word looks like the name of an option, the words pair up as they come. Else only a
    /// word that begins like one of Gluster's option names (<c>cluster.</c>, <c>auth.</c> …) starts a new pair and all others belong to the value before.
    /// A value that holds a comma followed by such a name can't be told from two options.</remarks>
    public static IReadOnlyList<KeyValuePair<string, string>> Split(string options)
    {
        string text = options.StartsWith(',') ? options[1..] : options;
        if (text.Trim().Length == 0)
        {
            return [];
        }

        string[] words = text.Split(',');
        bool regular = words.Length % 2 == 0 && words.Where((_, i) => i % 2 == 0).All(LooksLikeName);
        var pairs = new List<KeyValuePair<string, string>>();
        int start = 0;
        while (start < words.Length)
        {
            int end = Math.Min(start + 2, words.Length);
            while (!regular && end < words.Length && !HasNamespace(words[end]))
            {
                end++;
            }

            pairs.Add(new(words[start].Trim(), string.Join(',', words[Math.Min(start + 1, words.Length)..end])));
            start = end;
        }

        return pairs;
    }

    /// <summary>Puts pairs together as the datagram has them.</summary>
    public static string Join(IEnumerable<KeyValuePair<string, string>> pairs) => string.Concat(pairs.Select(p => $",{p.Key},{p.Value}"));

    /// <summary>True for an option whose value must not travel: its name speaks of authentication, TLS, a secret or a password.</summary>
    public static bool IsSecret(string option) => SecretWords.Any(word => option.Contains(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>The value, or <see cref="Redacted"/> where the option is a secret.</summary>
    public static string Show(string option, string value) => IsSecret(option) ? Redacted : value;

    // A name begins with a letter and has a dot after which another letter follows: an address or a number is no name.
    private static bool LooksLikeName(string word)
    {
        int dot = word.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && dot < word.Length - 1 && char.IsAsciiLetter(word[0]) && !word.Any(char.IsWhiteSpace) && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
    }

    private static bool HasNamespace(string word) => LooksLikeName(word) && Namespaces.Contains(word[..word.IndexOf('.', StringComparison.Ordinal)]);
}
