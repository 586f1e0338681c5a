using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Router.Tests.Decisions;

/// <summary>What truly happened in a cluster: changes of several entities, at least <see cref="Spacing"/> apart, each of them worth a message.</summary>
internal sealed class RandomHistory
{
    public static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(50);

    private static readonly Dictionary<string, string[]> Others = new()
    {
        ["brick/gv9/n1:/b1"] = ["offline", "online", "health-failed", "online"],
        ["brick/gv9/n2:/b1"] = ["offline", "online"],
        ["quorum/gv9"] = ["lost", "met"],
        ["node/n2"] = ["offline", "online", "unreachable", "restarting", "online"],
    };

    private readonly Random _random;
    private readonly Dictionary<string, int> _steps = [];
    private readonly Dictionary<string, Volume> _volumes = new() { ["volume/gv0"] = new(), ["volume/gv1"] = new() };
    private readonly Dictionary<string, DateTimeOffset> _occurred = [];
    private DateTimeOffset _now = Scenario.Start;

    private sealed class Volume
    {
        public string State { get; set; } = "deleted";

        public SortedDictionary<string, string> Options { get; } = [];
    }

    /// <summary>One change as nobody in particular saw it, by a clock that is right.</summary>
    public IReadOnlyList<Observation> Changes { get; }

    /// <summary>What each entity's receivers must be told, in order.</summary>
    public Dictionary<string, string[]> Told => Changes.GroupBy(o => o.Entity.Value).ToDictionary(g => g.Key, g => g.Select(Name).ToArray());

    public RandomHistory(Random random, int length)
    {
        _random = random;
        Changes = [.. Enumerable.Range(0, length).Select(_ => Next())];
    }

    private static string Name(Observation o) => o.Occurrence ?? o.State ?? o.Change!;

    private Observation Next()
    {
        _now += Spacing + TimeSpan.FromMilliseconds(_random.Next(10) switch { 0 => 60_000, < 4 => _random.Next(3000), _ => _random.Next(20) });
        string[] entities = [.. _volumes.Keys, .. _volumes.Keys, .. Others.Keys, "cluster/all"];
        string entity = entities[_random.Next(entities.Length)];
        var blank = new Observation { Entity = EntityId.Parse(entity), Source = "", Node = "", ObservedAt = _now };
        if (_volumes.TryGetValue(entity, out Volume? volume))
        {
            return OfVolume(blank, volume);
        }

        if (Others.TryGetValue(entity, out string[]? states))
        {
            int step = _steps[entity] = _steps.GetValueOrDefault(entity, -1) + 1;
            return blank with { State = states[step % states.Length] };
        }

        return Occurrence(blank);
    }

    private Observation OfVolume(Observation blank, Volume volume)
    {
        string next = volume.State switch
        {
            "deleted" => "created",
            "started" => "stopped",
            "stopped" when _random.Next(3) == 0 => "deleted",
            _ => "started",
        };
        int dice = volume.State == "deleted" ? 0 : _random.Next(10);
        if (dice < 4)
        {
            if (next == "deleted")
            {
                volume.Options.Clear();
            }

            volume.State = next;
            return blank with { State = next };
        }

        return dice < 8 ? OfOption(blank, volume) : Occurrence(blank);
    }

    private Observation OfOption(Observation blank, Volume volume)
    {
        string name = $"options.o{_random.Next(3)}";
        bool isReset = volume.Options.ContainsKey(name) && _random.Next(3) == 0;
        string? value = isReset ? null : $"{_random.Next(4)}";
        if (volume.Options.GetValueOrDefault(name) == value)
        {
            value += "0";
        }

        if (value is null)
        {
            volume.Options.Remove(name);
        }
        else
        {
            volume.Options[name] = value;
        }

        return blank with { Change = isReset ? "option-reset" : "option-set", Attributes = new Dictionary<string, string?> { [name] = value } };
    }

    /// <summary>The same one happens again only after the time in which it would be taken for a repetition.</summary>
    private Observation Occurrence(Observation blank)
    {
        string[] free = [.. Enumerable.Range(0, 100).Select(i => $"thing{i}")
            .Where(name => !_occurred.TryGetValue($"{blank.Entity} {name}", out DateTimeOffset last) || _now - last > TimeSpan.FromSeconds(40))];
        _occurred[$"{blank.Entity} {free[0]}"] = _now;
        return blank with { Occurrence = free[0] };
    }
}
