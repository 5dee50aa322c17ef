using System.Buffers.Binary;
using System.Text;

namespace Parceler.Formats.Apk;

/// <summary>
/// A value in the description of an adb file: a number, some bytes, or an object of values. Values may be shared, so that a small file can
/// describe an endless one: what is taken out of it is counted.
/// </summary>
internal readonly struct AdbValue(AdbPayload payload, uint value)
{
    private const uint OffsetMask = 0x0FFFFFFF;

    public bool IsNull => value == 0;

    /// <summary>The number, or null.</summary>
    public ulong? ToNumber() => Kind switch
    {
        0 => null,
        1 => Offset,
        2 => payload.ReadUInt32(Offset),
        3 => BinaryPrimitives.ReadUInt64LittleEndian(payload.Slice(Offset, sizeof(ulong))),
        _ => throw AdbFile.Damaged(),
    };

    /// <summary>The bytes, none where there is none.</summary>
    public ReadOnlySpan<byte> ToBytes() => Kind switch
    {
        0 => [],
        8 => payload.Take(Offset + 1, payload.Slice(Offset, 1)[0]),
        9 => payload.Take(Offset + 2, BinaryPrimitives.ReadUInt16LittleEndian(payload.Slice(Offset, 2))),
        10 => payload.Take(Offset + 4, payload.ReadUInt32(Offset)),
        _ => throw AdbFile.Damaged(),
    };

    /// <summary>The text, or null.</summary>
    public string? ToText() => IsNull ? null : Encoding.UTF8.GetString(ToBytes());

    /// <summary>Field by number from 1; null beyond the last.</summary>
    public AdbValue this[int field] => field < Slots ? new(payload, payload.ReadUInt32(Offset + (4 * (uint)field))) : default;

    /// <summary>The items of an array.</summary>
    public IEnumerable<AdbValue> Items()
    {
        for (var at = 1; at < Slots; at++)
        {
            payload.Count(1);
            yield return this[at];
        }
    }

    private uint Kind => value >> 28;

    private uint Offset => value & OffsetMask;

    private uint Slots => Kind switch
    {
        0 => 0,
        13 or 14 => payload.ReadUInt32(Offset),
        _ => throw AdbFile.Damaged(),
    };
}
