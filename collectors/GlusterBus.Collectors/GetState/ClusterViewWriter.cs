using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Collectors.GetState;

/// <summary>Gathers the observations of one look.</summary>
internal sealed class ClusterViewWriter(string node, DateTimeOffset at)
{
    public const string Source = "get_state";
    public const string Command = "gluster get-state";

    private readonly List<Observation> _observations = [];
    private readonly Dictionary<EntityId, TimeSpan> _alarms = [];

    /// <summary>The entity of these names; null when no id can be made of them (a path with control characters, say): such a thing is left out.</summary>
    public static EntityId? Id(string kind, params ReadOnlySpan<string> parts) =>
        EntityId.TryParse(kind + "/" + string.Join('/', parts!), out EntityId id) ? id : null;

    public void Add(EntityId? entity, string? state, string evidence, params ReadOnlySpan<(string Key, string? Value)> attributes) =>
        Add(entity, state, evidence, [], attributes);

    /// <summary>Adds an observation. Attributes without a value are unknown and left out.</summary>
    public void Add(EntityId? entity, string? state, string evidence, IReadOnlyList<string> unless, params ReadOnlySpan<(string Key, string? Value)> attributes)
    {
        if (entity is null)
        {
            return;
        }

        var known = new Dictionary<string, string?>(attributes.Length, StringComparer.Ordinal);
        foreach ((string key, string? value) in attributes)
        {
            if (value is not null)
            {
                known[key] = value;
            }
        }

        _observations.Add(new Observation
        {
            Entity = entity.Value,
            State = state,
            Attributes = known,
            Unless = unless,
            Source = Source,
            Node = node,
            ObservedAt = at,
            Evidence = new Evidence("get-state", Evidence.Bound(evidence), Command, node, at),
        });
    }

    /// <summary>Says that the entity is shown ill and must be seen so for <paramref name="patience"/>.</summary>
    public void Alarm(EntityId? entity, TimeSpan patience)
    {
        if (entity is not null)
        {
            _alarms[entity.Value] = patience;
        }
    }

    public ClusterView Finish(IReadOnlyList<string> scopes) => new(_observations, scopes, _alarms);
}
