using System.Net;
using System.Net.Sockets;
using GlusterBus.Collectors.GlusterEvents.Receiving;

namespace GlusterBus.Collectors.Tests.GlusterEvents;

public sealed class DatagramSocketTests
{
    [Fact]
    public async Task What_the_kernel_drops_is_counted_to_the_last_one()
    {
        var queue = new DatagramQueue(int.MaxValue);
        using DatagramSocket socket = DatagramSocket.Open(new IPEndPoint(IPAddress.Loopback, 0), 4096, queue, new ArrivalClock(TimeProvider.System), e => throw e);
        using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        sender.Connect(socket.Endpoint);
        long sent = 0;
        byte[] filler = new byte[1000];
        for (; sent < 20_000; sent++)
        {
            sender.Send(filler);
        }

        // Drops are told with the next datagram that comes through, so one more is sent each time until the account balances.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        while (socket.Received + socket.Dropped != sent)
        {
            sender.Send("end"u8);
            sent++;
            await queue.WaitAsync(limit.Token);
            while (queue.TryTake(out _))
            {
            }

            await Task.Yield();
            limit.Token.ThrowIfCancellationRequested();
        }

        (socket.Received + socket.Dropped).ShouldBe(sent);
        socket.Dropped.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Ending_wakes_the_blocked_thread()
    {
        DatagramSocket socket = DatagramSocket.Open(new IPEndPoint(IPAddress.IPv6Loopback, 0), 65536, new DatagramQueue(1 << 20), new ArrivalClock(TimeProvider.System), e => throw e);
        await Task.Run(socket.Dispose, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_datagram_of_the_largest_size_arrives_whole_and_an_empty_one_too()
    {
        var queue = new DatagramQueue(1 << 20);
        using DatagramSocket socket = DatagramSocket.Open(new IPEndPoint(IPAddress.Loopback, 0), 1 << 20, queue, new ArrivalClock(TimeProvider.System), e => throw e);
        using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        sender.Connect(socket.Endpoint);
        byte[] largest = new byte[65507];
        new Random(1).NextBytes(largest);
        sender.Send(largest);
        sender.Send(ReadOnlySpan<byte>.Empty);
        var received = new List<ReceivedDatagram>();
        while (received.Count < 2)
        {
            await queue.WaitAsync(TestContext.Current.CancellationToken);
            while (queue.TryTake(out ReceivedDatagram d))
            {
                received.Add(d);
            }
        }

        received[0].Bytes.ShouldBe(largest);
        received[1].Bytes.ShouldBeEmpty();
        received[0].Sender.ShouldBe(IPAddress.Loopback);
    }

    [Fact]
    public void A_full_queue_refuses_and_counts()
    {
        var queue = new DatagramQueue(400);
        var datagram = new ReceivedDatagram(new byte[100], IPAddress.Loopback, default);
        queue.TryAdd(datagram).ShouldBeTrue();
        queue.TryAdd(datagram).ShouldBeFalse();
        queue.Overflow.ShouldBe(1);
        queue.TryTake(out _).ShouldBeTrue();
        queue.TryAdd(datagram).ShouldBeTrue();
    }
}
