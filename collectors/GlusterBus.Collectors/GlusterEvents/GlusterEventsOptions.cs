using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace GlusterBus.Collectors.GlusterEvents;

/// <summary>Options of the <c>gf_event</c> collector.</summary>
public sealed record GlusterEventsOptions
{
    private const int NewPort = 55555;
    private const int OldPort = 24009;

    /// <summary>The UDP port to listen on. The default follows from <see cref="GlusterVersion"/>: 55555, and 24009 up to 9.5. Gluster's senders have it compiled in.
    /// 0 takes any free one, for tests.</summary>
    [Range(0, 65535)]
    public int? Port { get; init; }

    /// <summary>The version of Gluster on this node, such as <c>9.5</c> or <c>11</c>; it decides the port and, before 3.10, the numbers of the events. The default is 10.</summary>
    [Required]
    [RegularExpression(@"\d{1,3}(\.\d{1,3}){0,2}", ErrorMessage = "glusterVersion is a version such as 9.5 or 11")]
    public string GlusterVersion { get; init; } = "10";

    /// <summary>The addresses to listen on. The default is all of IPv4, and IPv6 for the node itself: the command line and glusterd send to <c>::1</c> where the node
    /// has an IPv6 address. An IPv6 address that the node does not have is left out.</summary>
    [MinLength(1)]
    public IReadOnlyList<string> Listen { get; init; } = ["0.0.0.0", "::1"];

    /// <summary>The kernel's buffer per socket in bytes, 64 KiB to 1 GiB. The default, 32 MiB, holds 50,000 datagrams. More than <c>net.core.rmem_max</c> needs CAP_NET_ADMIN.</summary>
    [Range(64 * 1024, 1024 * 1024 * 1024)]
    public int ReceiveBufferBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>How much may wait in memory while the router is busy, in bytes, 1 MiB to 2 GiB − 1. What comes beyond is lost, counted and reported. The default is 64 MiB, about 250,000 datagrams.</summary>
    [Range(1024 * 1024, int.MaxValue)]
    public int QueueBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Whether clients that connect and disconnect (97, 99) are published; they are counted in any case. The default is false: each client tells of each
    /// brick, and so does every <c>heal info</c>. A client that is refused (98) is published always.</summary>
    public bool Clients { get; init; }

    /// <summary>Hosts, by name or address, whose datagrams are trusted besides the node itself and its peers. The default is none.</summary>
    public IReadOnlyList<string> TrustedSources { get; init; } = [];

    /// <summary>The port that results from <see cref="Port"/> and <see cref="GlusterVersion"/>.</summary>
    internal int EffectivePort => Port ?? (Version <= new Version(9, 5) ? OldPort : NewPort);

    /// <summary><see cref="GlusterVersion"/> as major and minor.</summary>
    internal Version Version
    {
        get
        {
            string[] parts = GlusterVersion.Split('.');
            return new Version(int.Parse(parts[0], CultureInfo.InvariantCulture), parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0);
        }
    }
}
