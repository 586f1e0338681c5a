using GlusterBus.Contracts.Messages;

namespace GlusterBus.Router.Decisions;

/// <summary>When each collector was last heard, by the router's clock, and so who is silent. A deployment whose collectors send no heartbeats has nobody to
/// watch. Kept in memory alone: a new owner gives everybody fresh patience.</summary>
internal sealed class CollectorWatch
{
    private readonly Dictionary<string, DateTimeOffset> _heard = new(StringComparer.Ordinal);
    private readonly HashSet<string> _looked = new(StringComparer.Ordinal);
    private TimeSpan _delay;

    /// <summary>When the next collector turns silent unless it is heard before; null when none is watched.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            DateTimeOffset first = DateTimeOffset.MaxValue;
            foreach (DateTimeOffset heard in _heard.Values)
            {
                first = heard < first ? heard : first;
            }

            return _heard.Count == 0 ? null : first + Heartbeat.Patience + _delay;
        }
    }

    /// <summary>Begins to watch a collector, or goes on.</summary>
    public void Expect(string node, DateTimeOffset now) => _heard[node] = now;

    /// <summary>Takes note of a heartbeat.</summary>
    /// <param name="delay">How long it was on its way. While messages pile up before the router, that some are missing means nothing: everybody is waited
    /// for as much longer.</param>
    public void Hear(string node, DateTimeOffset now, TimeSpan delay)
    {
        _heard[node] = now;
        _delay = delay;
    }

    /// <summary>Takes note of a message other than a heartbeat: whoever tells something lives.</summary>
    public void HearOf(string node, DateTimeOffset now)
    {
        if (_heard.ContainsKey(node))
        {
            _heard[node] = now;
        }
    }

    /// <summary>Takes note of a complete look of the node's.</summary>
    public void Looked(string node) => _looked.Add(node);

    /// <summary>True when the node's collector has looked since the router started and since the collector was last silent.</summary>
    public bool HasLooked(string node) => _looked.Contains(node);

    /// <summary>Nothing could be heard: everybody gets fresh patience.</summary>
    public void WasDeaf(DateTimeOffset now)
    {
        foreach (string node in _heard.Keys.ToArray())
        {
            _heard[node] = now;
        }
    }

    /// <summary>The collectors whose patience has run out, by name. They are watched again when they are heard again.</summary>
    /// <remarks>A router that comes long after the due time was itself away (its process was frozen, or a commit took long), and what was sent meanwhile
    /// waits unread: nobody is silent then, everybody gets fresh patience.</remarks>
    public IReadOnlyList<string> TakeSilent(DateTimeOffset now)
    {
        if (NextDue is not { } due || due > now)
        {
            return [];
        }

        if (now - due > Heartbeat.Interval)
        {
            WasDeaf(now);
            return [];
        }

        string[] silent = [.. _heard.Where(heard => heard.Value + Heartbeat.Patience + _delay <= now).Select(heard => heard.Key).Order(StringComparer.Ordinal)];
        foreach (string node in silent)
        {
            _heard.Remove(node);
            _looked.Remove(node);
        }

        return silent;
    }
}
