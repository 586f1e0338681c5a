using GlusterBus.Contracts.Messages;

namespace GlusterBus.Host.Demo.View;

/// <summary>Each transition as one line of JSON, the very bytes that every receiver gets; the summary goes to <paramref name="remarks"/>.</summary>
internal sealed class JsonView(Stream output, TextWriter remarks) : IDemoView
{
    private readonly Lock _gate = new();

    public void Begin(int number, Chapter chapter)
    {
    }

    public void Serves(string dashboard) => remarks.WriteLine($"dashboard {dashboard}");

    public void Observed(Observation observation, string outcome)
    {
    }

    public void Announced(Transition transition, ReadOnlyMemory<byte> json)
    {
        lock (_gate)
        {
            output.Write(json.Span);
            output.WriteByte((byte)'\n');
            output.Flush();
        }
    }

    public void Conclude(Verdict? verdict, Tally tally) => remarks.WriteLine(PlainView.Summary(verdict, tally).TrimStart('\n'));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
