using Confluent.Kafka;

namespace GlusterBus.Notifiers.Kafka.Writing;

/// <summary>Gathers the reports on what was sent together; the client's own thread brings them.</summary>
internal sealed class KafkaReports
{
    private readonly Error?[] _errors;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left;

    public KafkaReports(int count)
    {
        _errors = new Error?[count];
        _left = count;
        if (count == 0)
        {
            _completion.SetResult();
        }
    }

    /// <summary>Ends with the last report.</summary>
    public Task Completion => _completion.Task;

    /// <summary>For each record null where Kafka has it, else what went wrong. Only to be read after <see cref="Completion"/>.</summary>
    public IReadOnlyList<Error?> Errors => _errors;

    public void Set(int index, Error? error)
    {
        _errors[index] = error;
        if (Interlocked.Decrement(ref _left) == 0)
        {
            _completion.SetResult();
        }
    }
}
