using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GlusterBus.Host.Composition;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Hosting;

[Collection(Alone.Name)]
public sealed class IdleMemoryTests
{
    [Fact]
    public void Garbage_of_any_age_is_collected()
    {
        WeakReference left = LeaveBehind();

        IdleMemory.GiveBack();

        left.IsAlive.ShouldBeFalse();
    }

    [Fact]
    public void What_malloc_kept_in_reserve_goes_back_to_the_machine()
    {
        nint last = FreeAllButTheLast(blocks: 2000, bytes: 64 * 1024);
        long before = Environment.WorkingSet;

        IdleMemory.GiveBack();
        long after = Environment.WorkingSet;
        Free(last);

        // 125 MB were freed; other tests allocate meanwhile.
        (before - after).ShouldBeGreaterThan(64 << 20);
    }

    [Fact]
    public async Task The_first_look_gives_back_whatever_happened_before()
    {
        var clock = new FakeClock();
        using var stop = new CancellationTokenSource();
        Task watching = IdleMemory.WatchAsync(clock, stop.Token);
        WeakReference left = LeaveBehind();

        clock.Advance(IdleMemory.Interval - TimeSpan.FromTicks(1));
        left.IsAlive.ShouldBeTrue();
        clock.Advance(TimeSpan.FromTicks(1));
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(watching);

        left.IsAlive.ShouldBeFalse();
    }

    [Theory]
    [InlineData(null, 9, true)]
    [InlineData(9, 9, true)]
    [InlineData(9, 10, false)]
    public void A_process_that_collected_by_itself_since_the_look_before_is_left_alone(int? before, int now, bool isDue) =>
        IdleMemory.IsDue(before, now).ShouldBe(isDue);

    /// <summary>Old garbage: only a collection of the oldest generation finds it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference LeaveBehind()
    {
        object garbage = new();
        var left = new WeakReference(garbage);
        GC.Collect();
        GC.Collect();
        GC.KeepAlive(garbage);
        return left;
    }

    /// <summary>The last block holds the heap's end, so malloc keeps everything below it.</summary>
    private static unsafe nint FreeAllButTheLast(int blocks, nuint bytes)
    {
        var all = new Stack<nint>();
        for (int i = 0; i < blocks; i++)
        {
            void* block = NativeMemory.Alloc(bytes);
            NativeMemory.Fill(block, bytes, 1);
            all.Push((nint)block);
        }

        nint last = all.Pop();
        foreach (nint block in all)
        {
            Free(block);
        }

        return last;
    }

    private static unsafe void Free(nint block) => NativeMemory.Free((void*)block);
}
