using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace GlusterBus.Collectors.LogTail;

/// <summary>Device and inode: which file it is while it exists. A number is used again once its file is gone, so it is only a hint across restarts.</summary>
public readonly record struct FileIdentity(ulong Device, ulong Inode);

/// <summary>What <c>statx</c> tells of a file.</summary>
/// <param name="Modified">Nanoseconds since 1970 of the last write.</param>
internal readonly partial record struct FileStatus(FileIdentity Identity, long Size, long Modified, bool IsRegular)
{
    private const int CurrentFolder = -100;
    private const int EmptyPath = 0x1000;
    private const uint BasicStats = 0x7ff;
    private const int TypeMask = 0xf000;
    private const int RegularType = 0x8000;
    private const int NoEntry = 2;
    private const int NotADirectory = 20;

    public DateTimeOffset ModifiedAt => DateTimeOffset.UnixEpoch.AddTicks(Modified / 100);

    /// <summary>The status of a path, links followed; null when there is no such file.</summary>
    /// <exception cref="UnauthorizedAccessException">A folder on the way may not be entered.</exception>
    /// <exception cref="IOException">Any other refusal.</exception>
    public static FileStatus? Of(string path)
    {
        if (StatX(CurrentFolder, path, 0, BasicStats, out Raw raw) == 0)
        {
            return From(raw);
        }

        ThrowUnlessMissing(path);
        return null;
    }

    /// <summary>Opens a file for reading; null when there is no such file. The runtime's own way would put an advisory lock on it, which a
    /// mere onlooker must not, and would wait for a writer of a pipe.</summary>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    /// <exception cref="IOException">Any other refusal.</exception>
    public static SafeFileHandle? Open(string path)
    {
        const int NonBlocking = 0x800;
        const int CloseOnExecute = 0x80000;
        int descriptor = OpenFile(path, NonBlocking | CloseOnExecute);
        if (descriptor >= 0)
        {
            return new SafeFileHandle(descriptor, ownsHandle: true);
        }

        ThrowUnlessMissing(path);
        return null;
    }

    /// <summary>The status of an open file, whatever became of its name.</summary>
    public static FileStatus Of(SafeFileHandle handle)
    {
        bool held = false;
        try
        {
            handle.DangerousAddRef(ref held);
            return StatX((int)handle.DangerousGetHandle(), "", EmptyPath, BasicStats, out Raw raw) == 0
                ? From(raw)
                : throw new IOException(Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()));
        }
        finally
        {
            if (held)
            {
                handle.DangerousRelease();
            }
        }
    }

    private static void ThrowUnlessMissing(string path)
    {
        int error = Marshal.GetLastPInvokeError();
        const int AccessDenied = 13;
        if (error == AccessDenied)
        {
            throw new UnauthorizedAccessException($"Access to the path '{path}' is denied.");
        }

        if (error is not (NoEntry or NotADirectory))
        {
            throw new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    private static FileStatus From(in Raw raw) => new(
        new FileIdentity(((ulong)raw.DeviceMajor << 32) | raw.DeviceMinor, raw.Inode),
        (long)raw.Size,
        (raw.ModifiedSeconds * 1_000_000_000) + raw.ModifiedNanoseconds,
        (raw.Mode & TypeMask) == RegularType);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int StatX(int folder, string path, int flags, uint mask, out Raw status);

    /// <summary><c>struct statx</c> of <c>linux/stat.h</c>: the one stat layout that is the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Raw
    {
        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(112)]
        public long ModifiedSeconds;

        [FieldOffset(120)]
        public uint ModifiedNanoseconds;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
