using System.Text;
using MimeKit;

namespace GlusterBus.Notifiers.Email;

/// <summary>Addresses as they are configured.</summary>
internal static class MailAddresses
{
    /// <summary>What is wrong with an address; null when nothing is.</summary>
    public static string? Problem(string text)
    {
        if (!MailboxAddress.TryParse(text, out MailboxAddress? mailbox) || text.Any(char.IsControl))
        {
            return $"'{Shorten(text)}' is no mail address; write name@example.org or Name <name@example.org>";
        }

        string address = mailbox.Address;
        int at = address.LastIndexOf('@');
        return at < 1 || at == address.Length - 1
            ? $"'{Shorten(text)}' has no domain; write it in full, such as {Shorten(address.Trim('@'))}@example.org"
            : null;
    }

    /// <exception cref="ArgumentException">It is none.</exception>
    public static MailboxAddress Parse(string text) => Problem(text) is { } problem ? throw new ArgumentException(problem, nameof(text)) : MailboxAddress.Parse(text);

    /// <summary>The sender's domain in ASCII: what ids of messages end with.</summary>
    public static string Domain(MailboxAddress address)
    {
        string encoded = MailboxAddress.EncodeAddrspec(address.Address);
        string domain = encoded[(encoded.LastIndexOf('@') + 1)..];
        return domain.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-') && Encoding.ASCII.GetByteCount(domain) <= 200 ? domain : "glusterbus.invalid";
    }

    private static string Shorten(string text) => string.Concat(text.Where(c => !char.IsControl(c)).Take(80));
}
