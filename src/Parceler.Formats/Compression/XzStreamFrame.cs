using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Parceler.Formats.Compression;

/// <summary>What stands around the blocks of one xz stream: a header, and at the end an index of the blocks and a footer.</summary>
internal sealed class XzStreamFrame : IDisposable
{
    private static readonly byte[] Magic = [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0];
    private readonly IncrementalHash _blocks = IncrementalHash.CreateHash(HashAlgorithmName.SHA256); // of any number, in no memory
    private readonly byte[] _flags;
    private long _count;

    private XzStreamFrame(byte[] flags)
    {
        _flags = flags;
        Check = new(flags[1]);
    }

    public XzCheck Check { get; }

    public static XzStreamFrame Begin(XzSource source)
    {
        if (!source.Take(Magic.Length).AsSpan().SequenceEqual(Magic))
        {
            throw XzSource.Damaged();
        }

        var flags = source.Take(2);
        source.TakeSum32(flags);
        return flags[0] == 0 ? new(flags) : throw XzSource.Damaged();
    }

    public void AddBlock(long unpadded, long unpacked)
    {
        _count++;
        Add(_blocks, unpadded, unpacked);
    }

    /// <summary>Reads the index and the footer, and holds them against the blocks that were read.</summary>
    public void TakeEnd(XzSource source)
    {
        var start = source.Count;
        TakeIndex(source, start);
        var backward = ((source.Count - start) / 4) - 1;
        var sum = source.Take(sizeof(uint));
        var footer = source.Take(6);
        if (BinaryPrimitives.ReadUInt32LittleEndian(sum) != Crc.Sum32(footer)
            || BinaryPrimitives.ReadUInt32LittleEndian(footer) != backward
            || !footer.AsSpan(4).SequenceEqual(_flags)
            || !source.Take(2).AsSpan().SequenceEqual("YZ"u8))
        {
            throw XzSource.Damaged();
        }
    }

    public void Dispose()
    {
        Check.Dispose();
        _blocks.Dispose();
    }

    private void TakeIndex(XzSource source, long start)
    {
        var crc = Crc.Of32();
        byte Next()
        {
            var value = source.Take();
            crc.Add([value]);
            return value;
        }

        using var listed = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Next();
        for (var left = XzNumber.Read(Next) is var count && count == _count ? count : throw XzSource.Damaged(); left > 0; left--)
        {
            Add(listed, XzNumber.Read(Next), XzNumber.Read(Next));
        }

        while (((source.Count - start) & 3) != 0)
        {
            Require(Next() == 0);
        }

        Require(BinaryPrimitives.ReadUInt32LittleEndian(source.Take(sizeof(uint))) == crc.Value);
        Require(listed.GetHashAndReset().AsSpan().SequenceEqual(_blocks.GetHashAndReset()));
    }

    private static void Require(bool isTrue)
    {
        if (!isTrue)
        {
            throw XzSource.Damaged();
        }
    }

    private static void Add(IncrementalHash hash, long unpadded, long unpacked)
    {
        Span<byte> pair = stackalloc byte[2 * sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(pair, unpadded);
        BinaryPrimitives.WriteInt64LittleEndian(pair[sizeof(long)..], unpacked);
        hash.AppendData(pair);
    }
}
