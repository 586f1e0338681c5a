using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace GlusterBus.Collectors.LogTail;

/// <summary>Tells the few wanted lines of a log from the many others by looking at fixed places: the hot path of the tailer.</summary>
/// <remarks>Every line of a version has its <c>[MSGID: </c> or <c>[file.c:</c> at the same byte: 37 since release-9, 31 before (no <c> +0000</c> in the
/// stamp), 15 inside <c>The message "…" repeated</c>. The six digits and their bracket are one number, looked up in a table without collisions.</remarks>
internal sealed class LogGate
{
    private const int Modern = 37;
    private const int Old = 31;
    private const int Repeated = 15;

    /// <summary>Bytes that must follow the place looked at: <c>[MSGID: 106004] </c>.</summary>
    private const int Needed = 16;

    // Six digits and ']' of the eight bytes read.
    private const ulong IdMask = 0x00FF_FFFF_FFFF_FFFF;
    private static readonly ulong Mark = BinaryPrimitives.ReadUInt64LittleEndian("[MSGID: "u8);
    private static readonly ulong TightMark = BinaryPrimitives.ReadUInt64LittleEndian("[MSGID:\0"u8);

    private readonly ulong[] _ids;
    private readonly ulong _multiplier;
    private readonly int _shift;
    private readonly byte[][] _sources;

    /// <param name="messageIds">Wanted ids, each of six digits.</param>
    /// <param name="sources">Source files whose lines without a message id are wanted, such as <c>run.c</c>.</param>
    public LogGate(IEnumerable<int> messageIds, IEnumerable<string> sources)
    {
        ulong[] keys = [.. messageIds.Distinct().Select(Key)];
        (_ids, _multiplier, _shift) = Perfect(keys);
        _sources = [.. sources.Distinct().Select(source => System.Text.Encoding.ASCII.GetBytes($"[{source}:"))];
    }

    public bool IsWanted(ReadOnlySpan<byte> line)
    {
        if (line.Length < Repeated + Needed)
        {
            return false;
        }

        int place = Modern;
        if (line.Length < Modern + Needed || line[Modern - 4] != ']')
        {
            place = line[Old - 4] == ']' ? Old : line.StartsWith(RepeatedMessage.Start) ? Repeated : 0;
            if (place == 0 || line.Length < place + Needed)
            {
                return false;
            }
        }

        ReadOnlySpan<byte> head = line[place..];
        ulong mark = BinaryPrimitives.ReadUInt64LittleEndian(head);
        if (mark == Mark)
        {
            return IsWantedId(head[8..]);
        }

        return (mark & IdMask) == TightMark ? IsWantedId(head[7..]) : IsWantedSource(head);
    }

    private bool IsWantedId(ReadOnlySpan<byte> digits)
    {
        ulong key = BinaryPrimitives.ReadUInt64LittleEndian(digits) & IdMask;
        return _ids[(int)((key * _multiplier) >> _shift)] == key;
    }

    private bool IsWantedSource(ReadOnlySpan<byte> head)
    {
        foreach (byte[] source in _sources)
        {
            // Most files differ in the four bytes after the bracket, which is one comparison.
            if (MemoryMarshal.Read<int>(head[1..]) == MemoryMarshal.Read<int>(source.AsSpan(1)) && head.StartsWith(source))
            {
                return true;
            }
        }

        return false;
    }

    private static ulong Key(int id) => id is >= 100_000 and <= 999_999
        ? BinaryPrimitives.ReadUInt64LittleEndian(System.Text.Encoding.ASCII.GetBytes($"{id}]\0"))
        : throw new FormatException($"a message id has six digits, {id} has not");

    // Tries multipliers until no two keys share a slot: with eight slots a key that takes a handful of tries.
    private static (ulong[] Slots, ulong Multiplier, int Shift) Perfect(ulong[] keys)
    {
        int bits = Math.Max(4, BitOperations.Log2((uint)Math.Max(1, keys.Length)) + 5);
        ulong multiplier = 0x9E37_79B9_7F4A_7C15;
        while (true)
        {
            var slots = new ulong[1 << bits];
            int shift = 64 - bits;
            ulong m = multiplier;
            if (keys.All(key => Place(slots, (int)((key * m) >> shift), key)))
            {
                return (slots, multiplier, shift);
            }

            multiplier = (multiplier * 6364136223846793005) + 1442695040888963407;
        }

        static bool Place(ulong[] slots, int slot, ulong key)
        {
            bool isFree = slots[slot] == 0;
            slots[slot] = key;
            return isFree;
        }
    }
}
