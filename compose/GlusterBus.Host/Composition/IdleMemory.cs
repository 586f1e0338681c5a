using System.Runtime.InteropServices;

namespace GlusterBus.Host.Composition;

/// <summary>Gives back to the machine what a process that idles holds in reserve: garbage, and what the compiler freed.</summary>
/// <remarks>Neither the garbage collector nor malloc does so by itself: both work when much is allocated, and an idle collector needs an hour for that.</remarks>
internal static partial class IdleMemory
{
    private const int ArenaMaximum = -8;

    /// <summary>Between two looks whether the process idles; the first comes when the start is over.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>Makes malloc serve all threads from one arena. With one for each, what a thread freed lies idle until the same thread wants it again;
    /// who waits for whom does not matter here, since managed code takes no memory from malloc.</summary>
    public static void ShareArena()
    {
        try
        {
            _ = SetOption(ArenaMaximum, 1);
        }
        catch (EntryPointNotFoundException)
        {
            // musl has no arenas.
        }
    }

    /// <summary>Runs until cancelled. Gives back at the first look, and later when nothing was collected since the one before: a process that works
    /// collects often enough by itself. Giving back stops everything else for some ten milliseconds.</summary>
    public static async Task WatchAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        int? collections = null;
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            if (IsDue(collections, GC.CollectionCount(0)))
            {
                GiveBack();
            }

            collections = GC.CollectionCount(0);
        }
    }

    /// <param name="before">Collections at the look before; null when there was none.</param>
    /// <param name="now">Collections up to now.</param>
    internal static bool IsDue(int? before, int now) => before is null || before == now;

    /// <summary>Collects everything, and returns what is free.</summary>
    public static void GiveBack()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        try
        {
            _ = Trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // musl has no such call, and gives back by itself.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetOption(int option, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Trim(nuint keep);
}
