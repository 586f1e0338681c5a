namespace GlusterBus.Collectors.GetState;

/// <summary>When to look next: at the interval, and when somebody asks. Requests that fall due together are answered by one look.</summary>
/// <remarks>Instants are counted from any fixed origin on a clock that is never set. Thread-safe: any source may ask. Of open requests it keeps the earliest and the latest, so a storm of them leads
/// to one look per delay asked for, and the last request is never forgotten.</remarks>
internal sealed class LookSchedule(TimeSpan interval)
{
    /// <summary>The least pause between the end of a look and the begin of the next.</summary>
    public static readonly TimeSpan MinimumGap = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private TimeSpan _periodic = TimeSpan.MinValue;
    private TimeSpan _notBefore = TimeSpan.MinValue;
    private TimeSpan? _earliest;
    private TimeSpan? _latest;

    /// <summary>The instant of the next look; in the far past for the first one.</summary>
    public TimeSpan Next
    {
        get
        {
            lock (_gate)
            {
                TimeSpan due = _earliest is { } asked && asked < _periodic ? asked : _periodic;
                return due > _notBefore ? due : _notBefore;
            }
        }
    }

    /// <summary>Asks for a look that begins at <paramref name="at"/> or later.</summary>
    public void Request(TimeSpan at)
    {
        lock (_gate)
        {
            _earliest = _earliest is { } earliest && earliest < at ? earliest : at;
            _latest = _latest is { } latest && latest > at ? latest : at;
        }
    }

    /// <summary>A look begins: it answers what is due by now.</summary>
    public void Began(TimeSpan at)
    {
        lock (_gate)
        {
            _periodic = at + interval;
            if (_latest <= at)
            {
                _latest = null;
            }

            _earliest = _latest;
        }
    }

    /// <summary>A look ended.</summary>
    public void Ended(TimeSpan at)
    {
        lock (_gate)
        {
            _notBefore = at + MinimumGap;
        }
    }
}
