namespace GlusterBus.Notifiers.Broker;

/// <summary>Which transition may be what ended the process, in the eyes of the process that came after it.</summary>
/// <remarks>The broker counts for every transition how often it was handed out without an answer, but it can't tell the one that ends the process from the
/// hundreds that were held together with it, and would park them all. So after a few lives suspicious transitions are handed out singly: those before the
/// culprit are then done with, and the culprit is the first that the next life gets.</remarks>
internal sealed class Suspicion
{
    /// <summary>So often handed out without an answer, a transition is handed out alone.</summary>
    public const int HandedOutAlone = 5;

    /// <summary>So often handed out without an answer, the first transition of a life is parked. Below <see cref="NotifierTopology.DeliveryLimit"/>, so that a few
    /// culprits in a row can be found before the broker parks them with their neighbours.</summary>
    public const int Parked = 15;

    /// <summary>What ends a process does so at once. A transition that is alone for longer merely fails, and others need not wait for it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private bool _isPast;

    /// <summary>True when nothing may be handed out beside this transition for a while.</summary>
    public static bool IsAlone(long deliveries) => deliveries >= HandedOutAlone;

    /// <summary>Asked for every transition in the order of the queue, it answers true for the first of this process if that was handed out too often.</summary>
    public bool Condemns(long deliveries)
    {
        bool isFirst = !_isPast;
        _isPast = true;
        return isFirst && deliveries >= Parked;
    }
}
