using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Collectors.Checkpoints;

/// <summary>Small state that can be told apart from the state of another version of the program.</summary>
public interface IVersioned
{
    int Version { get; }
}

/// <summary>Keeps a small value on disk so that a crash at any moment leaves the old one or the new one: temporary file, fsync, rename.</summary>
/// <remarks>The folder itself is not synced: after a power failure the file may be the one before, which only means that more is read again.
/// One owner at a time.</remarks>
/// <param name="path">The file. Its folder is made when it is missing.</param>
/// <param name="version">The one version understood.</param>
/// <param name="type">How the value is written.</param>
/// <param name="logger">Hears of damage.</param>
public sealed partial class CheckpointFile<T>(string path, int version, JsonTypeInfo<T> type, ILogger logger)
    where T : class, IVersioned
{
    private readonly string _temporary = path + ".tmp";
    private byte[]? _written;
    private bool _failing;

    /// <summary>The value kept; null when there is none. What can't be understood is moved aside to <c>.bad</c> with a warning.</summary>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public T? Load()
    {
        T? value = Read(path);
        if (value is null)
        {
            // A crash between the very first write and its rename leaves a complete temporary file only.
            value = Read(_temporary);
        }

        if (File.Exists(_temporary))
        {
            File.Delete(_temporary);
        }

        return value;
    }

    /// <summary>Writes the value unless the file holds it already. A failure is logged once per streak and tried again at the next call.</summary>
    /// <returns>True when the file holds the value.</returns>
    public bool Save(T value)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(value, type);
        if (_written is not null && json.AsSpan().SequenceEqual(_written))
        {
            return true;
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using (var stream = new FileStream(_temporary, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                stream.Write(json);
                stream.Flush(flushToDisk: true);
            }

            File.Move(_temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_failing)
            {
                LogNotWritten(path, e.Message);
            }

            _failing = true;
            return false;
        }

        _failing = false;
        _written = json;
        return true;
    }

    private T? Read(string file)
    {
        try
        {
            using FileStream stream = File.OpenRead(file);
            T? value = JsonSerializer.Deserialize(stream, type);
            if (value?.Version == version)
            {
                return value;
            }

            SetAside(file, $"version {value?.Version} instead of {version}");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
        }
        catch (JsonException e)
        {
            SetAside(file, e.Message);
        }

        return null;
    }

    private void SetAside(string file, string reason)
    {
        string bad = path + ".bad";
        File.Move(file, bad, overwrite: true);
        LogSetAside(file, reason, bad);
    }

    [LoggerMessage(LogLevel.Warning, "The checkpoint {File} could not be understood ({Reason}) and was moved to {Bad}; reading starts as if for the first time")]
    private partial void LogSetAside(string file, string reason, string bad);

    [LoggerMessage(LogLevel.Warning, "The checkpoint {File} could not be written: {Reason}. Make its folder writable; until then a restart reads again what was read")]
    private partial void LogNotWritten(string file, string reason);
}
