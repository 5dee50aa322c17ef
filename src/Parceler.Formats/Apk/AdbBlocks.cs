using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Parceler.Formats.Apk;

/// <summary>The blocks of an adb file: a header of kind and length, the content, and zeros up to a multiple of eight.</summary>
internal sealed class AdbBlocks(Stream content)
{
    public const int Description = 0;
    public const int Signature = 1;
    public const int Content = 2;
    private const int ExtendedHeader = 3;
    private const int LengthBits = 30;
    private const int LengthMask = (1 << LengthBits) - 1;

    /// <summary>Kind of a block, and length of what follows its header and of the zeros after that, in bytes.</summary>
    internal readonly record struct Block(int Kind, long Length, int Padding);

    /// <summary>The header of the next block, or null at the end.</summary>
    public Block? Next()
    {
        Span<byte> header = stackalloc byte[sizeof(uint)];
        switch (content.ReadAtLeast(header, header.Length, throwOnEndOfStream: false))
        {
            case 0: return null;
            case < sizeof(uint): throw Short();
        }

        var word = BinaryPrimitives.ReadUInt32LittleEndian(header);
        var kind = (int)(word >> LengthBits);
        return kind == ExtendedHeader ? NextExtended((int)(word & LengthMask)) : Of(kind, word & LengthMask, sizeof(uint));
    }

    public byte[] Take(Block block, int limit)
    {
        if (block.Length > limit)
        {
            throw new InvalidDataException($"The file has a part of {block.Length} bytes, more than {limit}");
        }

        using var taken = new MemoryStream(); // grows with what is there, not with what the file says
        Copy(block.Length, taken);
        Copy(block.Padding, Stream.Null);
        return taken.ToArray();
    }

    public void SkipPadding(Block block) => Copy(block.Padding, Stream.Null);

    /// <summary>The next bytes of a block.</summary>
    public byte[] Take(long count)
    {
        var bytes = new byte[count];
        Fill(content, bytes);
        return bytes;
    }

    /// <summary>Reads the next bytes of a block, of any number, and returns their hash.</summary>
    public byte[] Hash(long count, HashAlgorithmName name)
    {
        using var hash = IncrementalHash.CreateHash(name);
        Span<byte> buffer = stackalloc byte[8192];
        while (count > 0)
        {
            var read = content.Read(buffer[..(int)Math.Min(count, buffer.Length)]);
            hash.AppendData(buffer[..read]);
            count -= read > 0 ? read : throw Short();
        }

        return hash.GetHashAndReset();
    }

    public static void Fill(Stream stream, Span<byte> bytes)
    {
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
        {
            throw Short();
        }
    }

    public static void Write(Stream output, int kind, ReadOnlySpan<byte> payload)
    {
        Span<byte> header = stackalloc byte[sizeof(uint)];
        var length = payload.Length + header.Length;
        BinaryPrimitives.WriteUInt32LittleEndian(header, ((uint)kind << LengthBits) | (uint)length);
        output.Write(header);
        output.Write(payload);
        output.Write(stackalloc byte[-length & 7]);
    }

    private Block NextExtended(int kind)
    {
        Span<byte> rest = stackalloc byte[sizeof(uint) + sizeof(ulong)];
        Fill(content, rest);
        var length = BinaryPrimitives.ReadInt64LittleEndian(rest[sizeof(uint)..]);
        return Of(kind, length, sizeof(uint) + rest.Length);
    }

    private static Block Of(int kind, long whole, int header) => whole >= header ? new(kind, whole - header, (int)(-whole & 7)) : throw AdbFile.Damaged();

    private void Copy(long count, Stream output)
    {
        Span<byte> buffer = stackalloc byte[8192];
        while (count > 0)
        {
            var read = content.Read(buffer[..(int)Math.Min(count, buffer.Length)]);
            output.Write(buffer[..read]);
            count -= read > 0 ? read : throw Short();
        }
    }

    private static InvalidDataException Short() => new("The file of apk 3 is cut short");
}
