using System.Collections.Concurrent;
using GlusterBus.Router.State;
using GlusterBus.Router.State.Memory;

namespace GlusterBus.Router.Tests.Partitions;

/// <summary>The state tables of several routers in one test process; each router reaches them through a line of its own, which can be cut.</summary>
public sealed class MemoryClusterStore
{
    private readonly ConcurrentDictionary<string, MemoryStore> _tables = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(int Partition, string Cluster), bool> _known = new();

    public MemoryStore TableOf(string cluster) => _tables.GetOrAdd(cluster, _ => new MemoryStore());

    public Line Connect() => new(this);

    /// <summary>One router's way to the tables.</summary>
    public sealed class Line(MemoryClusterStore store) : IClusterStore
    {
        public bool IsCut { get; set; }

        public IClusterTable TableOf(string cluster) => store.TableOf(cluster);

        public ValueTask<IReadOnlyList<string>> ClustersAsync(int partition, CancellationToken cancellationToken)
        {
            Check();
            return ValueTask.FromResult<IReadOnlyList<string>>([.. store._known.Keys.Where(k => k.Partition == partition).Select(k => k.Cluster)]);
        }

        public ValueTask RememberAsync(int partition, string cluster, CancellationToken cancellationToken)
        {
            Check();
            store._known[(partition, cluster)] = true;
            return ValueTask.CompletedTask;
        }

        public ValueTask ProbeAsync(CancellationToken cancellationToken)
        {
            Check();
            return ValueTask.CompletedTask;
        }

        private void Check()
        {
            if (IsCut)
            {
                throw new StateTableUnreachableException("the line is cut");
            }
        }
    }
}
