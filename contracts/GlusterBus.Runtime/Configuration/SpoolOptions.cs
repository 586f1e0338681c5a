using System.ComponentModel.DataAnnotations;

namespace GlusterBus.Runtime.Configuration;

/// <summary>Where a collector keeps what it can't read again while the broker is away.</summary>
public sealed record SpoolOptions
{
    /// <summary>The most disk space, in MiB, from 1 to 65536. At the bound the oldest give way, counted and reported. The default is 64.</summary>
    [Range(1, 65536)]
    public int MaximumMegabytes { get; init; } = 64;
}
