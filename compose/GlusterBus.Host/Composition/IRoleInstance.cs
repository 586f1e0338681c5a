using GlusterBus.Host.Api;

namespace GlusterBus.Host.Composition;

/// <summary>One running role on one machine: what every verb that runs until stopped needs to know of it.</summary>
public interface IRoleInstance : IAsyncDisposable
{
    /// <summary>The node's name as Gluster knows it, or the machine's.</summary>
    string NodeName { get; }

    InstanceApi Api { get; }

    /// <summary>Ends only when something broke that the role can't mend by itself.</summary>
    Task Completion { get; }

    /// <summary>What the banner says of this role, name and value.</summary>
    IReadOnlyList<(string Name, string Value)> About { get; }
}
