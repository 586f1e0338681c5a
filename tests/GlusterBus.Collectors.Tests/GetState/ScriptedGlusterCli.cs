using System.Threading.Channels;
using System.Xml.Linq;
using GlusterBus.Runtime.Gluster;

namespace GlusterBus.Collectors.Tests.GetState;

/// <summary>A gluster command whose answers the test sets; it remembers what it was asked and when.</summary>
internal sealed class ScriptedGlusterCli(TimeProvider clock) : IGlusterCli
{
    private readonly Channel<DateTimeOffset> _looks = Channel.CreateUnbounded<DateTimeOffset>();

    /// <summary>The text of the state, or what fails instead.</summary>
    public Func<string> State { get; set; } = () => Samples.Text("healthy.txt");

    public Func<string, XDocument> Reply { get; set; } = command => Samples.Xml(command == "volume info" ? "volume-info.healthy.xml" : "peer-status.healthy.xml");

    public List<string> Queries { get; } = [];

    public Task<XDocument> QueryAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        string text = string.Join(' ', command);
        lock (Queries)
        {
            Queries.Add(text);
        }

        return Task.FromResult(Reply(text));
    }

    public Task<string> GetStateAsync(CancellationToken cancellationToken)
    {
        Func<string> state = State;
        _looks.Writer.TryWrite(clock.GetUtcNow());
        return Task.FromResult(state());
    }

    /// <summary>Waits for the next look and tells when it began.</summary>
    public ValueTask<DateTimeOffset> NextLookAsync(CancellationToken cancellationToken) => _looks.Reader.ReadAsync(cancellationToken);
}
