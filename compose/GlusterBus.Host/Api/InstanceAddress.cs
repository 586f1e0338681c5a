namespace GlusterBus.Host.Api;

/// <summary>Where a client finds an instance.</summary>
/// <param name="Socket">The Unix socket; used when <paramref name="Server"/> is null.</param>
/// <param name="Server">An HTTP address.</param>
/// <param name="Token">What the server wants to see over TCP.</param>
public sealed record InstanceAddress(string Socket, Uri? Server, string? Token)
{
    public override string ToString() => Server?.ToString().TrimEnd('/') ?? Socket;
}
