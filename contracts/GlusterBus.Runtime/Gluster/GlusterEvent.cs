namespace GlusterBus.Runtime.Gluster;

/// <summary>One gf_event datagram, read: <c>&lt;unix seconds&gt; &lt;number&gt; &lt;k=v;k=v…&gt;</c>.</summary>
/// <param name="Stamp">The sender's clock, whole seconds.</param>
/// <param name="Number">Place in Gluster's list, 0 to 141.</param>
/// <param name="Name">The key without its <c>EVENT_</c> prefix, such as <c>VOLUME_START</c>.</param>
/// <param name="Fields">The payload in its order, keys as sent but for trimmed blanks.</param>
public sealed record GlusterEvent(DateTimeOffset Stamp, int Number, string Name, IReadOnlyList<KeyValuePair<string, string>> Fields)
{
    /// <summary>A field by its present name, whatever the case of the sender's key, also where an older Gluster called it
    /// otherwise (<see cref="GlusterEventKeys.Aliases"/>); null when it was not sent.</summary>
    public string? this[string key]
    {
        get
        {
            foreach ((string name, string value) in Fields)
            {
                if (GlusterEventKeys.Same(name, key))
                {
                    return value;
                }
            }

            return null;
        }
    }
}
