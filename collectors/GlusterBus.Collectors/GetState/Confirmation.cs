using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Collectors.GetState;

/// <summary>Believes an alarm only when looks far enough apart agree, so that commands under way and restarts of glusterd raise none.</summary>
/// <remarks>Instants are counted from any fixed origin on a clock that is never set. Thread-safe: any source may raise doubts.</remarks>
internal sealed class Confirmation
{
    private readonly Lock _gate = new();
    private readonly HashSet<EntityId> _believed = [];
    private readonly Dictionary<EntityId, TimeSpan> _suspected = [];

    /// <summary>What came between two looks and was not seen well yet.</summary>
    private readonly HashSet<EntityId> _new = [];

    /// <summary>What the look before showed; null before the first.</summary>
    private HashSet<EntityId>? _shown;

    /// <summary>Weighs a look. An alarm not yet believed keeps its attributes and loses its state: the entity is there, how it is remains open.</summary>
    /// <param name="at">When the look began.</param>
    /// <returns>What to publish, and when the next look is needed; null when nothing is open.</returns>
    public (IReadOnlyList<Observation> Observations, TimeSpan? Again) Weigh(ClusterView view, TimeSpan at)
    {
        lock (_gate)
        {
            return WeighAlone(view, at);
        }
    }

    /// <summary>Another source has just reported the entity well: from now on looks have to agree anew before its alarm is believed.</summary>
    /// <remarks>glusterd's memory may say the opposite for seconds. Seen after <c>volume start force</c> had brought glustershd back: SVC_CONNECTED,
    /// 0.2 s later <c>shd_svc.online_status: Offline</c>, Online again when glusterd connected for the second time, 3 s after the first.</remarks>
    public void Doubt(EntityId entity)
    {
        lock (_gate)
        {
            _believed.Remove(entity);
            _suspected.Remove(entity);
        }
    }

    /// <summary>Starts suspicions afresh: nothing was seen for a while.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _suspected.Clear();
        }
    }

    private (IReadOnlyList<Observation> Observations, TimeSpan? Again) WeighAlone(ClusterView view, TimeSpan at)
    {
        TimeSpan? again = null;
        HashSet<EntityId> shown = [.. view.Observations.Select(o => o.Entity)];
        _new.UnionWith(_shown is null ? [] : view.Alarms.Keys.Where(entity => !_shown.Contains(entity)));
        _new.IntersectWith(view.Alarms.Keys);
        _shown = shown;
        _believed.IntersectWith(view.Alarms.Keys);
        foreach (EntityId over in _suspected.Keys.Where(entity => !view.Alarms.ContainsKey(entity)).ToArray())
        {
            _suspected.Remove(over);
        }

        foreach ((EntityId entity, TimeSpan asked) in view.Alarms)
        {
            TimeSpan patience = _new.Contains(entity) && asked < GetStateMapping.NewcomerPatience ? GetStateMapping.NewcomerPatience : asked;
            if (_believed.Contains(entity))
            {
                continue;
            }

            if (!_suspected.TryGetValue(entity, out TimeSpan since))
            {
                _suspected.Add(entity, since = at);
            }

            if (at - since >= patience)
            {
                _suspected.Remove(entity);
                _believed.Add(entity);
            }
            else
            {
                again = again is { } other && other < since + patience ? other : since + patience;
            }
        }

        return _suspected.Count == 0
            ? (view.Observations, null)
            : ([.. view.Observations.Select(o => _suspected.ContainsKey(o.Entity) ? o with { State = null, Unless = [] } : o)], again);
    }
}
