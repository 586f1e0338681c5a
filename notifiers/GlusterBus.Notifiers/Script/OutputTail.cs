using System.Text;
using GlusterBus.Runtime.Text;

namespace GlusterBus.Notifiers.Script;

/// <summary>The end of what a program wrote, however much that was. Thread-safe.</summary>
internal sealed class OutputTail
{
    /// <summary>The most bytes kept.</summary>
    public const int MaximumLength = 2048;

    private readonly Lock _gate = new();
    private byte[] _tail = [];

    /// <summary>The last line that is not blank; null when there is none.</summary>
    public string? LastLine => Text.Split('\n').Select(TransitionText.Clean).LastOrDefault(line => !string.IsNullOrWhiteSpace(line))?.Trim();

    /// <summary>The tail in one line, led by a colon; empty when there is none.</summary>
    public string Quoted => TransitionText.Clean(Text).Trim() is { Length: > 0 } text ? ": " + text : "";

    private string Text
    {
        get
        {
            lock (_gate)
            {
                return Encoding.UTF8.GetString(_tail);
            }
        }
    }

    /// <summary>Reads a stream to its end, so that the writer never blocks; keeps the end of it when told where.</summary>
    public static async Task DrainAsync(Stream stream, OutputTail? into, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[4096];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            into?.Append(buffer.AsSpan(0, read));
        }
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            byte[] all = [.. _tail, .. bytes];
            _tail = all.Length <= MaximumLength ? all : all[^MaximumLength..];
        }
    }
}
