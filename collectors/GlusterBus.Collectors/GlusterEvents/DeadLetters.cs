using System.Globalization;
using System.Net;
using System.Text;
using GlusterBus.Runtime.Gluster;

namespace GlusterBus.Collectors.GlusterEvents;

/// <summary>The last datagrams that could not be read, in a file for whoever looks into it: time, sender, fault, text, one a line. Owned by the collector's loop.</summary>
/// <param name="path">The file; replaced as a whole.</param>
/// <param name="clock">Bounds the writing to once a second, whatever a sender does.</param>
internal sealed class DeadLetters(string path, TimeProvider clock)
{
    /// <summary>How many are kept.</summary>
    public const int Capacity = 100;

    private readonly Queue<string> _lines = new(Capacity);
    private long? _written;
    private bool _isDirty;

    public IReadOnlyCollection<string> Lines => _lines;

    public void Add(DateTimeOffset at, IPAddress sender, DatagramError error, string text)
    {
        if (_lines.Count == Capacity)
        {
            _lines.Dequeue();
        }

        _lines.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{at:yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'}\t{sender}\t{error.Label}\t{text}"));
        _isDirty = true;
    }

    /// <summary>Writes the file when there is something new and the last time is a second ago; at the end always.</summary>
    /// <exception cref="IOException">The file can't be written.</exception>
    public void Flush(bool isEnd)
    {
        long now = clock.GetTimestamp();
        if (!_isDirty || (!isEnd && _written is { } before && clock.GetElapsedTime(before, now) < TimeSpan.FromSeconds(1)))
        {
            return;
        }

        string draft = path + ".new";
        File.WriteAllLines(draft, _lines, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        File.Move(draft, path, overwrite: true);
        _written = now;
        _isDirty = false;
    }
}
