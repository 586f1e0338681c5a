using System.Globalization;

namespace GlusterBus.Host.Hosting;

/// <summary>Keeps a second instance away from a data folder. The kernel lets go of it however the process ends.</summary>
public sealed class InstanceLock : IDisposable
{
    private readonly FileStream _lock;
    private readonly string _processFile;

    private InstanceLock(FileStream held, string processFile)
    {
        _lock = held;
        _processFile = processFile;
    }

    /// <exception cref="UserException">Another instance holds the folder, or it can't be written.</exception>
    public static InstanceLock Acquire(string dataDirectory)
    {
        string processFile = Path.Combine(dataDirectory, "glusterbus.pid");
        try
        {
            Directory.CreateDirectory(dataDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);
            var held = new FileStream(Path.Combine(dataDirectory, "glusterbus.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var result = new InstanceLock(held, processFile);
            File.WriteAllText(processFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n");
            return result;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new UserException($"the data folder {dataDirectory} can't be written by this user; run as root or set dataDirectory", ExitCode.Failure, e);
        }
        catch (IOException e) when (Holder(dataDirectory) is { } process)
        {
            throw new UserException($"another instance (process {process}) uses {dataDirectory}; stop it, or set another dataDirectory", ExitCode.Failure, e);
        }
        catch (IOException e)
        {
            throw new UserException($"the data folder {dataDirectory} can't be used: {e.Message}", ExitCode.Failure, e);
        }
    }

    /// <summary>The process that holds a data folder; null when none does.</summary>
    public static int? Holder(string dataDirectory)
    {
        string file = Path.Combine(dataDirectory, "glusterbus.pid");
        return File.Exists(file) && int.TryParse(File.ReadAllText(file).AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int process)
            && Directory.Exists($"/proc/{process}")
            ? process
            : null;
    }

    public void Dispose()
    {
        File.Delete(_processFile);
        _lock.Dispose();
    }
}
