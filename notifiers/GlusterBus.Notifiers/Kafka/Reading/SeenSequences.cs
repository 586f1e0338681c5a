namespace GlusterBus.Notifiers.Kafka.Reading;

/// <summary>Which sequences of one entity a reading has met: a crash of the notifier repeats some, and a delivery that was parked comes late. As runs without gaps,
/// of which there is nearly always one.</summary>
internal sealed class SeenSequences
{
    private readonly List<(long First, long Last)> _runs = new(1);

    /// <summary>True when it was not met before.</summary>
    public bool Add(long sequence)
    {
        int i = _runs.Count;
        while (i > 0 && _runs[i - 1].First > sequence)
        {
            i--;
        }

        if (i > 0 && sequence <= _runs[i - 1].Last)
        {
            return false;
        }

        bool joinsBefore = i > 0 && _runs[i - 1].Last + 1 == sequence;
        bool joinsAfter = i < _runs.Count && _runs[i].First - 1 == sequence;
        switch (joinsBefore, joinsAfter)
        {
            case (true, true):
                _runs[i - 1] = (_runs[i - 1].First, _runs[i].Last);
                _runs.RemoveAt(i);
                break;
            case (true, false):
                _runs[i - 1] = (_runs[i - 1].First, sequence);
                break;
            case (false, true):
                _runs[i] = (sequence, _runs[i].Last);
                break;
            default:
                _runs.Insert(i, (sequence, sequence));
                break;
        }

        return true;
    }
}
