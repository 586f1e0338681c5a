using GlusterBus.Contracts.Messages;

namespace GlusterBus.Router;

public sealed partial class ObservationRouter
{
    public Task<HeartbeatReply> HearAsync(string node, Heartbeat heartbeat, string? generation, CancellationToken cancellationToken) => Task.FromResult(new HeartbeatReply(_epoch.ToString(System.Globalization.CultureInfo.InvariantCulture), false));
}
