using System.Diagnostics;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Runtime.Telemetry;

namespace GlusterBus.Notifiers.Deliveries;

/// <content>The carriers of a notifier that takes one transition at a time.</content>
public sealed partial class NotifierWorker
{
    private async Task CarryAsync(CancellationToken stop, CancellationToken abort)
    {
        while (true)
        {
            Lane lane = await _lanes.NextAsync(stop);
            for (int turn = 1; ; turn++)
            {
                stop.ThrowIfCancellationRequested();
                if (Pause() is { } pause)
                {
                    _lanes.Postpone(lane, pause);
                    break;
                }

                Pending head = LaneSet.Head(lane);
                if (!await AttemptAsync(lane, head, abort))
                {
                    break;
                }

                bool recovered = lane.Failures > 0;
                lane.Failures = 0;
                bool hasMore = LaneSet.Advance(lane);
                Complete(head.Ticket);
                if (recovered)
                {
                    Recover();
                }

                if (!hasMore)
                {
                    break;
                }

                if (turn == TurnsPerHold)
                {
                    _lanes.Requeue(lane);
                    break;
                }
            }
        }
    }

    /// <summary>Makes one attempt. True when the delivery is done; false when the lane was postponed.</summary>
    private async ValueTask<bool> AttemptAsync(Lane lane, Pending head, CancellationToken abort)
    {
        using Activity? activity = DeliveryTrace.Start(_configured.Name, head, lane.Failures + 1);
        try
        {
            var delivery = new Delivery(head.Transition, head.Archived.Json, lane.Failures + 1) { TraceParent = TraceContext.Next(activity, head.TraceParent) };
            await _configured.Notifier.NotifyAsync(delivery, abort);
            DeliveryMetrics.Delivered(_configured.Name, _clock.GetUtcNow() - head.Transition.RecordedAt);
            return true;
        }
        catch (DeliveryRejectedException e)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            await _queue.RejectAsync(head.Archived, e.Message, CancellationToken.None);
            LogRejected(_configured.Name, head.Transition.Id, e.Message);
            DeliveryMetrics.Rejected(_configured.Name);
            return true;
        }
        catch (Exception e) when (!(e is OperationCanceledException && abort.IsCancellationRequested))
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            Fail(lane, e);
            return false;
        }
    }

    private void Fail(Lane lane, Exception e)
    {
        TimeSpan pause = NoteFailure(e, isNew: lane.Failures == 0);
        lane.Failures++;
        TimeSpan wait = DeliveryPolicy.Backoff(lane.Failures, Chance());
        _lanes.Postpone(lane, wait > pause ? wait : pause);
    }
}
