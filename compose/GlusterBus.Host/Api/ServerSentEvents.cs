using System.Text;

namespace GlusterBus.Host.Api;

/// <summary>One event of a stream.</summary>
public sealed record ServerSentEvent(string? Id, string Data);

/// <summary>How far a client has read a live stream.</summary>
public sealed class StreamPosition
{
    /// <summary>The id of the last complete event; null before the first connection, which begins at the present.</summary>
    public string? LastId { get; set; }
}

/// <summary>Puts server-sent events together from lines, as the HTML standard has it.</summary>
internal sealed class ServerSentEvents
{
    private readonly StringBuilder _data = new();
    private string? _id;

    /// <summary>Takes a line; the event that it completes, or null. An event without data only moves the id.</summary>
    public ServerSentEvent? Read(string line)
    {
        if (line.Length == 0)
        {
            // Only now: an id whose event was cut off must not count as seen.
            LastId = _id;
            if (_data.Length == 0)
            {
                return null;
            }

            var complete = new ServerSentEvent(_id, _data.ToString(0, _data.Length - 1));
            _data.Clear();
            return complete;
        }

        int colon = line.IndexOf(':', StringComparison.Ordinal);
        string field = colon < 0 ? line : line[..colon];
        string value = colon < 0 ? "" : line[(colon + 1)..];
        value = value.StartsWith(' ') ? value[1..] : value;
        switch (field)
        {
            case "data":
                _data.Append(value).Append('\n');
                break;
            case "id":
                _id = value;
                break;
            default:
                break;
        }

        return null;
    }

    /// <summary>The last id seen, where to resume from.</summary>
    public string? LastId { get; private set; }
}
