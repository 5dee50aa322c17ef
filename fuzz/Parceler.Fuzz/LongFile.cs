using System.Buffers.Binary;

namespace Parceler.Fuzz;

/// <summary>A long file in a short form: lengths of a beginning and of a unit, these two, and the end. The unit repeats between them.</summary>
internal static class LongFile
{
    private const int Length = 512 << 10;
    private const int Header = sizeof(ushort) + 1;
    private const int LongestUnit = byte.MaxValue + 1;

    public static byte[] Of(ReadOnlySpan<byte> form)
    {
        if (form.Length <= Header)
        {
            return form.ToArray();
        }

        var rest = form[Header..];
        var start = rest[..Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(form), rest.Length - 1)];
        rest = rest[start.Length..];
        var unit = rest[..Math.Min(form[sizeof(ushort)] + 1, rest.Length)];
        return Join(start, unit, rest[unit.Length..]);
    }

    /// <summary>Forms of a file in which one of its lines repeats.</summary>
    public static IEnumerable<byte[]> Shorts(byte[] file)
    {
        for (var at = 0; at < Math.Min(file.Length, ushort.MaxValue);)
        {
            var end = Array.IndexOf(file, (byte)'\n', at) is var found and >= 0 ? found + 1 : file.Length;
            if (end - at <= LongestUnit)
            {
                yield return [(byte)at, (byte)(at >> 8), (byte)(end - at - 1), .. file];
            }

            at = end;
        }
    }

    private static byte[] Join(ReadOnlySpan<byte> start, ReadOnlySpan<byte> unit, ReadOnlySpan<byte> end)
    {
        var file = new byte[start.Length + (Length / unit.Length * unit.Length) + end.Length];
        start.CopyTo(file);
        for (var at = start.Length; at < file.Length - end.Length; at += unit.Length)
        {
            unit.CopyTo(file.AsSpan(at));
        }

        end.CopyTo(file.AsSpan(file.Length - end.Length));
        return file;
    }
}
