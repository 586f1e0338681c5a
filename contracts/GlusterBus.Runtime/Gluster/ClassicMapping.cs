using GlusterBus.Contracts.Messages;

namespace GlusterBus.Runtime.Gluster;

/// <summary>The classic event of a transition, whatever source told of it.</summary>
public static class ClassicMapping
{
    /// <summary>The event that glustereventsd's consumers know for this transition; null when Gluster has no such event.</summary>
    public static GlusterEvent? FromTransition(Transition t) => ClassicNames.FromChange(t);
}
