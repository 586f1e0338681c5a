using System.Text;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Runtime.Gluster;

/// <summary>The classic event of a transition, whatever source told of it.</summary>
public static class ClassicMapping
{
    /// <summary>The event that glustereventsd's consumers know for this transition; null when Gluster has no such event.</summary>
    /// <remarks>Where a datagram is among the evidence and tells of this very change, it is that datagram, field by field. Else the event is
    /// put together from the transition, with the fields that Gluster's own sender gives as far as they are known; its stamp is the transition's time.</remarks>
    public static GlusterEvent? FromTransition(Transition t)
    {
        foreach (Evidence evidence in t.Evidence)
        {
            // The evidence of a recovery may hold the datagram of the failure too, and one datagram can speak of several entities.
            if (evidence.Kind is "datagram" or "injected" && GlusterDatagram.TryParse(Encoding.UTF8.GetBytes(evidence.Text), out GlusterEvent? e, out _)
                && ClassicTable.Tells(e.Name, t.Entity.Kind, t.Change))
            {
                return e;
            }
        }

        return ClassicTable.NameOf(t) is { } name
            ? new GlusterEvent(t.Time, GlusterEventNames.Named(name)!.Number, name, ClassicFields.Of(name, t))
            : null;
    }
}
