using GlusterBus.Contracts.Plugins;
using MimeKit;

namespace GlusterBus.Notifiers.Email;

/// <summary>A mail on its way: the same mail until every recipient has it, so that whoever has it does not get it with other words once more.</summary>
internal sealed class OutgoingMail(MimeMessage message, Digest digest, Incidents after, IReadOnlyList<string> ids, IEnumerable<MailboxAddress> recipients)
{
    public MimeMessage Message => message;

    public Digest Digest => digest;

    /// <summary>The incidents that are open when it has been sent.</summary>
    public Incidents After => after;

    /// <summary>How many transitions it tells or counts.</summary>
    public int Count => ids.Count;

    /// <summary>Who has no answer yet.</summary>
    public List<MailboxAddress> Left { get; } = [.. recipients];

    /// <summary>How many have it.</summary>
    public int Accepted { get; set; }

    /// <summary>The last answer of those that will never take it.</summary>
    public string? Refusal { get; set; }

    /// <summary>True when what waits begins with what this mail is about.</summary>
    public bool IsOf(IReadOnlyList<Delivery> waiting) => waiting.Count >= ids.Count && ids.Index().All(id => waiting[id.Index].Transition.Id == id.Item);
}
