using GlusterBus.Contracts.Entities;

namespace GlusterBus.Notifiers.Email;

/// <summary>When the next mail may go: a decision over values. The first goes at once, as soon as what belongs to it
/// has settled; then what happens gathers for an interval, unless it is graver than all that
/// was told in this time; and never are there more mails in an hour than allowed.</summary>
/// <param name="Interval">How long after a mail the next gathers.</param>
/// <param name="Settle">How long a change waits for those that come with it.</param>
/// <param name="PerHour">The most mails in any hour. Half of them may go in a row; the other half is spread.</param>
internal sealed record MailSchedule(TimeSpan Interval, TimeSpan Settle, int PerHour)
{
    /// <summary>What is remembered between mails. Times are those of a steady clock.</summary>
    /// <param name="Sent">When the last mail went; null before the first.</param>
    /// <param name="Gravest">The gravest that was told since the gathering began.</param>
    /// <param name="Spent">Mails of the allowance in a row that are used up, as of <paramref name="Sent"/>.</param>
    internal sealed record Memory(TimeSpan? Sent, Severity Gravest, double Spent)
    {
        public static readonly Memory Empty = new(null, Severity.Ok, 0);
    }

    private double InARow => PerHour / 2.0;

    /// <summary>How long what waits must go on waiting; zero sends it now.</summary>
    /// <param name="memory">After the last mail.</param>
    /// <param name="gravest">The gravest of what waits.</param>
    /// <param name="since">Since when the first of it waits.</param>
    /// <param name="isFull">True when nothing more can be gathered.</param>
    /// <param name="now">The steady clock.</param>
    public TimeSpan Wait(Memory memory, Severity gravest, TimeSpan since, bool isFull, TimeSpan now)
    {
        TimeSpan settling = isFull ? TimeSpan.Zero : since + Settle - now;
        if (memory.Sent is not { } sent)
        {
            return settling > TimeSpan.Zero ? settling : TimeSpan.Zero;
        }

        TimeSpan gathering = isFull || gravest > memory.Gravest ? settling : sent + Interval - now;
        TimeSpan allowance = TimeSpan.FromHours(Math.Max(0, Spent(memory, now) + 1 - InARow) / InARow);
        TimeSpan wait = new[] { settling, gathering, allowance }.Max();
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    /// <summary>The memory after a mail.</summary>
    /// <param name="memory">Before it.</param>
    /// <param name="gravest">The gravest that it told.</param>
    /// <param name="now">The steady clock.</param>
    public Memory Sent(Memory memory, Severity gravest, TimeSpan now)
    {
        bool isNewGathering = memory.Sent is not { } sent || now >= sent + Interval;
        return new Memory(now, isNewGathering || gravest > memory.Gravest ? gravest : memory.Gravest, Spent(memory, now) + 1);
    }

    private double Spent(Memory memory, TimeSpan now) =>
        memory.Sent is { } sent ? Math.Max(0, memory.Spent - ((now - sent).TotalHours * InARow)) : 0;
}
