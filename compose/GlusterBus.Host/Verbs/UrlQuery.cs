using System.Text;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Host.Verbs;

/// <summary>Builds a path with parameters.</summary>
internal sealed class UrlQuery(string path)
{
    private readonly StringBuilder _text = new(path);
    private bool _hasAny;

    /// <summary>Adds a parameter; null adds nothing.</summary>
    public void Add(string name, string? value)
    {
        if (value is not null)
        {
            _text.Append(_hasAny ? '&' : '?').Append(name).Append('=').Append(Uri.EscapeDataString(value));
            _hasAny = true;
        }
    }

    public void Add(string name, DateTimeOffset? time) => Add(name, time is { } instant ? TransitionJson.Time(instant) : null);

    public override string ToString() => _text.ToString();
}
