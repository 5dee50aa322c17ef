using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Parceler.Formats.Apk;

/// <summary>Holds the files in a package against its description: each file that is not empty stands there once, in order, with its hash.</summary>
internal sealed class ApkContent(AdbPayload payload)
{
    private const int HeaderLength = 2 * sizeof(uint);
    private long _found;
    private (uint Folder, uint File) _last;

    /// <summary>Reads one block: numbers of folder and file from 1, and the bytes.</summary>
    public void Take(AdbBlocks blocks, AdbBlocks.Block block)
    {
        var header = blocks.Take(Math.Min(block.Length, HeaderLength));
        var at = header.Length == HeaderLength ? (BinaryPrimitives.ReadUInt32LittleEndian(header), BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(sizeof(uint)))) : throw Misfit();
        var file = at.CompareTo(_last) > 0 ? Find(at.Item1, at.Item2) : throw Misfit();
        var hash = blocks.Hash(block.Length - HeaderLength, HashOf(file[5].ToBytes().Length));
        if (file[3].ToNumber() != (ulong)(block.Length - HeaderLength) || !file[5].ToBytes().SequenceEqual(hash))
        {
            throw Misfit();
        }

        blocks.SkipPadding(block);
        _last = at;
        _found++;
    }

    /// <summary>At the end of the file: whether none is missing.</summary>
    public void Finish()
    {
        if (_found != payload.Root[2].Items().Sum(folder => folder[3].Items().Count(file => file[3].ToNumber() > 0 && file[6].IsNull)))
        {
            throw Misfit();
        }
    }

    private AdbValue Find(uint folder, uint file) =>
        folder is > 0 and < int.MaxValue && file is > 0 and < int.MaxValue ? payload.Root[2][(int)folder][3][(int)file] : throw Misfit();

    private static HashAlgorithmName HashOf(int length) => length switch
    {
        20 => HashAlgorithmName.SHA1,
        32 => HashAlgorithmName.SHA256,
        64 => HashAlgorithmName.SHA512,
        _ => throw Misfit(),
    };

    private static InvalidDataException Misfit() => new("The content of the package does not fit its description");
}
