using System.Diagnostics;
using GlusterBus.Contracts.Plugins;

namespace GlusterBus.Notifiers.Deliveries;

/// <content>The carrier of a notifier that gathers.</content>
public sealed partial class NotifierWorker
{
    /// <summary>So many in flight, waiting or filtered out behind one that waits, count as full: well below what a broker hands out at once
    /// (<see cref="Broker.BrokerDeliveryQueues.Prefetch"/>), so that what is urgent does not stand behind what is full.</summary>
    public const int Full = 512;

    private bool IsFull => MaximumInFlight - _window.Free >= Full;

    private async Task GatherAsync(IGatheringNotifier notifier, CancellationToken stop, CancellationToken abort)
    {
        int most = Math.Clamp(notifier.MaximumOffer, Full, MaximumInFlight);
        int failures = 0;
        TimeSpan? again = null;
        while (true)
        {
            await _line.WaitAsync(again, _clock, stop);
            again = null;
            while (_line.First(most) is { Length: > 0 } offer)
            {
                stop.ThrowIfCancellationRequested();
                (int done, TimeSpan? wait, bool isFailed) = await OfferAsync(notifier, offer, failures, abort);
                _line.Drop(done);
                foreach (Pending pending in offer.Take(done))
                {
                    Complete(pending.Ticket);
                }

                if (isFailed)
                {
                    // Not on the next arrival: the receiver is to be left alone meanwhile.
                    failures++;
                    await Task.Delay(wait!.Value, _clock, stop);
                    continue;
                }

                if (failures > 0)
                {
                    failures = 0;
                    Recover();
                }

                if (done == 0)
                {
                    again = wait;
                    break;
                }
            }
        }
    }

    private async Task<(int Done, TimeSpan? Wait, bool IsFailed)> OfferAsync(IGatheringNotifier notifier, Pending[] offer, int failures, CancellationToken abort)
    {
        DateTime began = _clock.GetUtcNow().UtcDateTime;
        try
        {
            Delivery[] deliveries = [.. offer.Select(p => new Delivery(p.Transition, p.Archived.Json, failures + 1) { TraceParent = p.TraceParent })];
            Gathered gathered = await notifier.GatherAsync(deliveries, IsFull, abort);
            foreach (Pending pending in offer.Take(gathered.Taken))
            {
                await FinishAsync(pending, gathered.Rejection, failures + 1, began);
            }

            DeliveryMetrics.Gathered(_configured.Name, gathered);
            return (gathered.Taken, gathered.Again, false);
        }
        catch (Exception e) when (!(e is OperationCanceledException && abort.IsCancellationRequested))
        {
            TimeSpan pause = NoteFailure(e, isNew: failures == 0);
            TimeSpan wait = DeliveryPolicy.Backoff(failures + 1, Chance());
            return (0, wait > pause ? wait : pause, true);
        }
    }

    private async Task FinishAsync(Pending pending, string? rejection, int attempt, DateTime began)
    {
        using Activity? activity = DeliveryTrace.Start(_configured.Name, pending, attempt)?.SetStartTime(began);
        if (rejection is null)
        {
            DeliveryMetrics.Delivered(_configured.Name, _clock.GetUtcNow() - pending.Transition.RecordedAt);
            return;
        }

        activity?.SetStatus(ActivityStatusCode.Error, rejection);
        await _queue.RejectAsync(pending.Archived, rejection, CancellationToken.None);
        LogRejected(_configured.Name, pending.Transition.Id, rejection);
        DeliveryMetrics.Rejected(_configured.Name);
    }
}
