using System.Globalization;
using GlusterBus.Contracts.Messages;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Lab;

/// <summary>Does one thing after the other to a cluster, waits for what must be told of it, and keeps what was told besides.</summary>
internal sealed class LabStory(LabSystem system, ChannelListener listener, ITestOutputHelper output, CancellationToken cancellationToken)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(75);

    private readonly List<string> _expected = [];
    private readonly List<(string Step, TimeSpan First, TimeSpan Last)> _delays = [];
    private int _told;

    /// <summary>What was to be told so far, as <c>entity change</c>.</summary>
    public IReadOnlyList<string> Expected => _expected;

    /// <summary>What was told so far, each transition once.</summary>
    public IReadOnlyList<Transition> Told => [.. listener.Heard.Select(h => h.Transition).DistinctBy(t => t.Id)];

    public static string Text(Transition transition) => $"{transition.Entity} {transition.Change}";

    /// <summary>Runs a gluster command on the first node, again where glusterd is still busy with the one before, as an operator would.</summary>
    public Task GlusterAsync(string command, params string[] expected) => StepAsync(command, () => RetriedAsync(() => system.Lab.GlusterAsync(1, command, cancellationToken)), expected);

    /// <summary>Runs a command of the lab's script.</summary>
    public Task LabAsync(string command, params string[] expected) => StepAsync(command, () => system.Lab.RunAsync(command.Split(' '), cancellationToken), expected);

    /// <summary>Does something, and waits until each of these was told.</summary>
    public async Task StepAsync(string name, Func<Task> act, params string[] expected)
    {
        int before = listener.Heard.Count;
        long began = TimeProvider.System.GetTimestamp();
        await act();
        TimeSpan ran = TimeProvider.System.GetElapsedTime(began);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"# {name} ({ran.TotalMilliseconds:F0} ms)"));
        _expected.AddRange(expected);
        try
        {
            await system.UntilAsync(
                () =>
                {
                    HashSet<string> heard = [.. listener.Heard.Skip(before).Select(h => Text(h.Transition))];
                    bool isComplete = expected.All(heard.Contains);
                    return TimeProvider.System.GetElapsedTime(began) < Patience || isComplete
                        ? Task.FromResult(isComplete)
                        : throw new TimeoutException($"after '{name}' nobody told: {string.Join(", ", expected.Except(heard))}; told was: {string.Join(", ", heard)}\n{system.Said}");
                },
                name,
                cancellationToken);
        }
        finally
        {
            Show(began);
        }

        if (expected.Length > 0)
        {
            Heard[] own = [.. listener.Heard.Skip(before).Where(h => expected.Contains(Text(h.Transition)))];
            _delays.Add((name, TimeProvider.System.GetElapsedTime(began, own[0].At), TimeProvider.System.GetElapsedTime(began, own[^1].At)));
        }
    }

    /// <summary>Writes what was told since the last call, with the delay from an instant.</summary>
    public void Show(long began)
    {
        foreach (Heard h in listener.Heard.Skip(_told).ToArray())
        {
            _told++;
            string evidence = h.Transition.Evidence is [var proof, ..] ? $"{proof.Kind} {proof.Text.ReplaceLineEndings(" ")}" : "no evidence";
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {TimeProvider.System.GetElapsedTime(began, h.At).TotalMilliseconds,7:F0} ms {h.Transition.Severity,-8} {h.Transition.Id} {h.Transition.Previous} → {h.Transition.Current} {h.Transition.Change} [{h.Transition.Reason}] ({string.Join(",", h.Transition.Observers)}: {evidence})"));
        }
    }

    /// <summary>Writes how long it took from a command's start to the first and to the last word of it on the channel.</summary>
    public void ReportDelays()
    {
        TimeSpan[] first = [.. _delays.Select(d => d.First).Order()];
        TimeSpan[] last = [.. _delays.Select(d => d.Last).Order()];
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"from a command's start to the channel: first word {first[first.Length / 2].TotalMilliseconds:F0} ms median, {first[^1].TotalMilliseconds:F0} ms most; last word {last[last.Length / 2].TotalMilliseconds:F0} / {last[^1].TotalMilliseconds:F0} ms"));
    }

    /// <summary>Runs a command that glusterd may refuse while it settles ("Another transaction is in progress").</summary>
    public async Task RetriedAsync(Func<Task> command)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await command();
                return;
            }
            catch (InvalidOperationException e) when (attempt < 10)
            {
                output.WriteLine($"  (again: {e.Message.Trim()})");
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
            }
        }
    }
}
