using System.Net;
using System.Net.Sockets;

namespace GlusterBus.Collectors.GetState;

/// <summary>Looks up the addresses of peers in the background: a slow name service must not delay a look at the cluster.</summary>
internal sealed class PeerAddresses
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    private volatile IReadOnlyDictionary<string, IReadOnlyList<IPAddress>> _known = new Dictionary<string, IReadOnlyList<IPAddress>>();

    public Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; set; } = Dns.GetHostAddressesAsync;

    /// <summary>Addresses by host name, as far as they are known.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<IPAddress>> Known => _known;

    /// <summary>The look-up under way, or the last one.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>Starts a look-up, unless one still runs.</summary>
    /// <param name="changed">Called when it is done.</param>
    public void Refresh(IReadOnlyList<string> hosts, TimeProvider clock, Action changed, CancellationToken cancellationToken)
    {
        if (Running.IsCompleted && hosts.Count > 0)
        {
            Running = Task.Run(() => LookUpAsync(hosts, clock, changed, cancellationToken), cancellationToken);
        }
    }

    private async Task LookUpAsync(IReadOnlyList<string> hosts, TimeProvider clock, Action changed, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Bound, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        IReadOnlyDictionary<string, IReadOnlyList<IPAddress>> before = _known;
        KeyValuePair<string, IReadOnlyList<IPAddress>>[] found = await Task.WhenAll(hosts.Select(async host =>
        {
            try
            {
                return KeyValuePair.Create<string, IReadOnlyList<IPAddress>>(host, await Resolve(host, either.Token).WaitAsync(either.Token));
            }
            catch (Exception e) when (e is SocketException or ArgumentException or OperationCanceledException)
            {
                return KeyValuePair.Create(host, before.GetValueOrDefault(host, []));
            }
        }));
        _known = found.DistinctBy(f => f.Key).ToDictionary(StringComparer.Ordinal);
        changed();
    }
}
