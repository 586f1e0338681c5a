using System.Net;

namespace GlusterBus.Collectors.GlusterEvents.Receiving;

/// <summary>A datagram as the socket gave it.</summary>
internal readonly record struct ReceivedDatagram(byte[] Bytes, IPAddress Sender, DateTimeOffset At)
{
    /// <summary>What it takes in memory, near enough: the array, the address and the place in the queue have about 128 bytes.</summary>
    public int Cost => Bytes.Length + 128;
}
