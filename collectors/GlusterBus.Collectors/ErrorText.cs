using System.Text.RegularExpressions;

namespace GlusterBus.Collectors;

/// <summary>An exception as one short line that may leave the node.</summary>
internal static partial class ErrorText
{
    private const int MaximumLength = 300;

    /// <summary>The messages of the exception and of what caused it, without credentials in addresses and without values of keys that speak of secrets.</summary>
    public static string Of(Exception exception)
    {
        var parts = new List<string>();
        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            string message = string.Join(' ', e.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            if (message.Length > 0 && !parts.Any(p => p.Contains(message, StringComparison.Ordinal)))
            {
                parts.Add(message);
            }
        }

        string line = Secret().Replace(Credentials().Replace(string.Join(": ", parts), "://***@"), "$1***");
        return line.Length switch { 0 => exception.GetType().Name, > MaximumLength => line[..(MaximumLength - 1)] + "…", _ => line };
    }

    [GeneratedRegex("://[^/@\\s]+@", RegexOptions.NonBacktracking)]
    private static partial Regex Credentials();

    [GeneratedRegex("((?:password|passwd|secret|token|apikey|api_key|authorization|bearer)[\"']?\\s*[=: ]\\s*)(?:bearer\\s+)?[^\\s,;&]+", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();
}
