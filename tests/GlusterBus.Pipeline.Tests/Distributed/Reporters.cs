using System.Threading.Channels;

namespace GlusterBus.Pipeline.Tests.Distributed;

/// <summary>A history of one cluster that every node reports: each change of a volume's quorum stands in the glusterd.log of every node, as it does on a
/// real cluster, a little earlier here and a little later there.</summary>
internal sealed class Reporters
{
    /// <summary>So long after the last node has written of a change, the volume's next one may come: longer than clocks that were learnt over a loaded machine are wrong.</summary>
    public static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(400);

    private readonly string[] _folders;
    private readonly long[] _changes;
    private readonly int[] _unwritten;
    private readonly long[] _written;
    private readonly Random _random;

    public Reporters(IReadOnlyList<string> folders, int volumes, int seed)
    {
        _folders = [.. folders];
        _changes = new long[volumes];
        _unwritten = new int[volumes];
        _written = new long[volumes];
        _random = new Random(seed);
    }

    /// <summary>How many changes each volume has had.</summary>
    public IReadOnlyList<long> Changes => _changes;

    public long Total => _changes.Sum();

    /// <summary>Lets things happen until cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        Channel<(int Volume, bool IsLost)>[] nodes = [.. _folders.Select(_ => Channel.CreateUnbounded<(int, bool)>())];
        int[] seeds = [.. _folders.Select(_ => _random.Next())];
        Task[] writers = [.. nodes.Select((node, i) => WriteAsync(_folders[i], node.Reader, new Random(seeds[i])))];
        while (!stop.IsCancellationRequested)
        {
            int volume = _random.Next(_changes.Length);
            if (Volatile.Read(ref _unwritten[volume]) == 0 && (_written[volume] == 0 || TimeProvider.System.GetElapsedTime(_written[volume]) >= Spacing))
            {
                _unwritten[volume] = nodes.Length;
                bool isLost = _changes[volume]++ % 2 == 0;
                foreach (Channel<(int, bool)> node in nodes)
                {
                    node.Writer.TryWrite((volume, isLost));
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(5, 30)), TimeProvider.System, CancellationToken.None);
        }

        foreach (Channel<(int, bool)> node in nodes)
        {
            node.Writer.Complete();
        }

        await Task.WhenAll(writers);
    }

    private async Task WriteAsync(string folder, ChannelReader<(int Volume, bool IsLost)> changes, Random random)
    {
        string path = Path.Combine(folder, "glusterd.log");
        await foreach ((int volume, bool isLost) in changes.ReadAllAsync())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(0, 15)), TimeProvider.System);
            await File.AppendAllTextAsync(path, QuorumLine.Of($"v{volume}", isLost));
            _written[volume] = TimeProvider.System.GetTimestamp();
            Interlocked.Decrement(ref _unwritten[volume]);
        }
    }
}
