using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace GlusterBus.Notifiers.Email;

/// <summary>The ids that mail programs put threads together by: made from what a mail is about, so that the same mail sent again has the same id and every mail
/// about an incident points to the same beginning, whoever sent it.</summary>
internal static class MessageIds
{
    /// <summary>The beginning of an incident's thread. A program threads by it even where no mail of that id exists.</summary>
    public static string Thread(Incident incident, string domain) =>
        $"{Hash(string.Create(CultureInfo.InvariantCulture, $"{incident.Entity}@{incident.Sequence}"))}@{domain}";

    /// <summary>The id of a mail: that of the thread when it is its beginning.</summary>
    public static string Of(Digest digest, string domain)
    {
        if (digest is { Count: 1, Items: [{ } only] } && only.Last.Sequence == only.Incident.Sequence && !only.Last.Replay)
        {
            return Thread(only.Incident, domain);
        }

        string all = string.Join('\n', digest.Items.Concat(digest.Others).SelectMany(item => item.Transitions).Select(t => t.Replay ? t.Id + " replay" : t.Id));
        return $"{Hash("mail\n" + all)}@{domain}";
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
