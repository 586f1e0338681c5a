namespace GlusterBus.Notifiers.Webhook;

/// <summary>The lines of a small file that may be replaced while the process runs, read again at most once a minute.</summary>
/// <remarks>Blank lines and blanks around a line are dropped. When a later read fails the last good content stays.</remarks>
internal sealed class ReloadedFile(string path, TimeProvider clock)
{
    private static readonly TimeSpan Age = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private IReadOnlyList<string>? _lines;
    private long _readAt;

    /// <exception cref="IOException">The file was never readable; the message names it.</exception>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
            {
                if (_lines is null || clock.GetElapsedTime(_readAt) >= Age)
                {
                    Read();
                }

                return _lines!;
            }
        }
    }

    private void Read()
    {
        try
        {
            _lines = [.. File.ReadAllLines(path).Select(line => line.Trim()).Where(line => line != "")];
            _readAt = clock.GetTimestamp();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (_lines is null)
            {
                throw new IOException($"can't read {path}: {e.Message}", e);
            }

            _readAt = clock.GetTimestamp();
        }
    }
}
