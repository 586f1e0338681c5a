using FsCheck;
using FsCheck.Fluent;
using GlusterBus.Notifiers.Deliveries;

namespace GlusterBus.Notifiers.Tests.Deliveries;

public sealed class DeliveryWindowTests
{
    [Fact]
    public void What_is_done_is_the_longest_run_without_a_hole_in_whatever_order_deliveries_end() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            const int capacity = 8;
            var random = new Random(seed);
            var window = new DeliveryWindow(capacity);
            var positions = new List<long>();
            var open = new List<(long Ticket, int Index)>();
            var done = new HashSet<int>();
            for (int step = 0; step < 200; step++)
            {
                int run = Enumerable.Range(0, positions.Count + 1).First(i => !done.Contains(i));
                (long count, long position) = window.Done;
                if (count != run || position != (run == 0 ? 0 : positions[run - 1]) || window.Free != capacity - (positions.Count - run))
                {
                    return false;
                }

                if (window.Free > 0 && random.Next(2) == 0)
                {
                    positions.Add(positions.LastOrDefault() + random.Next(1, 5));
                    open.Add((window.Add(positions[^1]), positions.Count - 1));
                }
                else if (open.Count > 0)
                {
                    (long ticket, int index) = open[random.Next(open.Count)];
                    open.Remove((ticket, index));
                    done.Add(index);
                    window.Complete(ticket);
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_full_window_takes_no_more()
    {
        var window = new DeliveryWindow(1);
        window.Add(1);
        Should.Throw<InvalidOperationException>(() => window.Add(2));
    }
}
