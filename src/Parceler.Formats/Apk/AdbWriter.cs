using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Parceler.Formats.Apk;

/// <summary>Builds the description of an adb file. What stands already is not written again, as apk itself does.</summary>
internal sealed class AdbWriter
{
    private const uint LargestInPlace = 0x0FFFFFFF;
    private readonly Dictionary<string, uint> _written = [];
    private readonly List<byte> _payload = [0, 0, 0, 0, 0, 0, 0, 0];

    public byte[] Finish(uint root)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(CollectionsMarshal.AsSpan(_payload)[4..], root);
        return [.. _payload];
    }

    public uint Number(ulong number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
        return number <= LargestInPlace ? Value(1, (uint)number)
            : number <= uint.MaxValue ? Value(2, Place(bytes[..4], 4))
            : Value(3, Place(bytes, 4));
    }

    public uint Text(string? text) => Bytes(Encoding.UTF8.GetBytes(text ?? ""));

    public uint Bytes(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        0 => 0,
        <= byte.MaxValue => Value(8, Place([(byte)bytes.Length, .. bytes], 1)),
        <= ushort.MaxValue => Value(9, Place([(byte)bytes.Length, (byte)(bytes.Length >> 8), .. bytes], 2)),
        _ => Value(10, Place([(byte)bytes.Length, (byte)(bytes.Length >> 8), (byte)(bytes.Length >> 16), (byte)(bytes.Length >> 24), .. bytes], 4)),
    };

    /// <summary>Of fields from number 1; those at the end without a value are cut.</summary>
    public uint Object(params ReadOnlySpan<uint> fields) => Slots(14, fields);

    public uint Array(ReadOnlySpan<uint> items) => Slots(13, items);

    private uint Slots(uint kind, ReadOnlySpan<uint> fields)
    {
        fields = fields.TrimEnd(0u);
        if (fields.IsEmpty)
        {
            return 0;
        }

        var bytes = new byte[4 * (fields.Length + 1)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)fields.Length + 1);
        for (var at = 0; at < fields.Length; at++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4 * (at + 1)), fields[at]);
        }

        return Value(kind, Place(bytes, 4));
    }

    private uint Place(ReadOnlySpan<byte> bytes, int alignment)
    {
        var key = $"{alignment}{Encoding.Latin1.GetString(bytes)}";
        if (_written.TryGetValue(key, out var place))
        {
            return place;
        }

        while (_payload.Count % alignment != 0)
        {
            _payload.Add(0);
        }

        place = (uint)_payload.Count;
        _payload.AddRange(bytes);
        _written.Add(key, place);
        return place;
    }

    private static uint Value(uint kind, uint rest) => rest <= LargestInPlace ? (kind << 28) | rest : throw new InvalidOperationException("The index is too large for apk");
}
