using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace GlusterBus.Notifiers.Webhook;

/// <summary>The transition's id as a header can carry it.</summary>
internal static class IdempotencyKey
{
    /// <summary>Servers bound their headers; brick paths can be far longer.</summary>
    public const int MaximumLength = 1024;

    /// <summary>Everything but printable ASCII, and the percent sign, percent-encoded as UTF-8. What is longer than
    /// <see cref="MaximumLength"/> is cut, and ends with <c>~</c> and the SHA-256 of the whole id in hex.</summary>
    public static string Of(string id)
    {
        bool isPlain = id.Length <= MaximumLength && id.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0 && !id.Contains('%', StringComparison.Ordinal);
        if (isPlain)
        {
            return id;
        }

        byte[] utf8 = Encoding.UTF8.GetBytes(id);
        var key = new StringBuilder(utf8.Length + 32);
        foreach (byte b in utf8)
        {
            if (b is > (byte)' ' and < 0x7f and not (byte)'%')
            {
                key.Append((char)b);
            }
            else
            {
                key.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
            }
        }

        const int hash = 1 + (2 * SHA256.HashSizeInBytes);
        return key.Length <= MaximumLength ? key.ToString() : key.ToString(0, MaximumLength - hash) + "~" + Convert.ToHexStringLower(SHA256.HashData(utf8));
    }
}
