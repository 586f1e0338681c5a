using GlusterBus.Contracts.Messages;

namespace GlusterBus.Runtime.Gluster;

/// <summary>The classic events for changes that no datagram told of: found in a log, by a poll, or by a hook.</summary>
internal static class ClassicNames
{
    public static GlusterEvent? FromChange(Transition t) => (t.Entity.Kind, t.Change) switch
    {
        ("volume", "created") => Event(t, "VOLUME_CREATE", ("name", t.Entity.Name)),
        _ => null,
    };

    private static GlusterEvent Event(Transition t, string name, params ReadOnlySpan<(string Key, string? Value)> fields)
    {
        var present = new List<KeyValuePair<string, string>>(fields.Length);
        foreach ((string key, string? value) in fields)
        {
            if (value is not null)
            {
                present.Add(new(key, value));
            }
        }

        return new GlusterEvent(t.Time, GlusterEventNames.Named(name)!.Number, name, present);
    }
}
