using System.IO.Compression;
using System.Text;
using Parceler.Formats.Compression;

namespace Parceler.Formats.Apk;

/// <summary>
/// The container of apk 3: what describes packages, and signatures over it. An index (packages.adb) is one, and so is a package (.apk). Reading
/// trusts nothing: a broken or hostile file is an <see cref="InvalidDataException"/>. Source: src/adb.h and doc/apk-v3.5.scd of apk-tools.
/// </summary>
public sealed class AdbFile
{
    internal const string IndexSchema = "indx";
    internal const string PackageSchema = "pckg";
    private const int MostSignatures = 64;

    internal AdbFile(string schema, byte[] payload, IReadOnlyList<AdbSignature> signatures)
    {
        Schema = schema;
        Payload = payload;
        Signatures = signatures;
    }

    /// <summary>What it describes: "indx" an index, "pckg" a package.</summary>
    public string Schema { get; }

    /// <summary>Signatures as they stand, none of them proven: see <see cref="Signing.ApkPublicKey"/>.</summary>
    public IReadOnlyList<AdbSignature> Signatures { get; }

    /// <summary>The description: its SHA-256 is the hash of a package in an index.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>Reads a file to its end, so that one cut short is refused. The files in a package have to fit its description.</summary>
    public static AdbFile Read(Stream file, AdbLimits limits)
    {
        using var content = Unpack(file, limits);
        var schema = new byte[4];
        AdbBlocks.Fill(content, schema);
        var blocks = new AdbBlocks(content);
        var payload = blocks.Next() is { Kind: AdbBlocks.Description } first ? blocks.Take(first, limits.Payload) : throw Damaged();
        var signatures = new List<AdbSignature>();
        var files = schema.AsSpan().SequenceEqual("pckg"u8) ? new ApkContent(new(payload)) : null;
        while (blocks.Next() is { } block)
        {
            if (block.Kind == AdbBlocks.Signature && signatures.Count < MostSignatures)
            {
                signatures.Add(AdbSignature.Parse(blocks.Take(block, AdbSignature.Longest)));
            }
            else if (block.Kind == AdbBlocks.Content && files is not null)
            {
                files.Take(blocks, block);
            }
            else
            {
                throw Damaged();
            }
        }

        files?.Finish();
        return new(Encoding.Latin1.GetString(schema), payload, signatures);
    }

    /// <summary>The bytes of the file, packed with deflate as OpenWrt's are.</summary>
    public byte[] ToBytes()
    {
        using var output = new MemoryStream();
        output.Write("ADBd"u8);
        using (var deflate = new DeflateStream(output, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            deflate.Write("ADB."u8);
            deflate.Write(Encoding.Latin1.GetBytes(Schema));
            AdbBlocks.Write(deflate, AdbBlocks.Description, Payload.Span);
            foreach (var signature in Signatures)
            {
                AdbBlocks.Write(deflate, AdbBlocks.Signature, signature.ToBytes());
            }
        }

        return output.ToArray();
    }

    internal AdbFile With(AdbSignature signature) => new(Schema, Payload.ToArray(), [.. Signatures, signature]);

    internal static InvalidDataException Damaged() => new("The file is damaged, or no file of apk 3");

    // "ADB." is not packed, "ADBd" deflate, "ADBc" names its method and level
    private static LimitedStream Unpack(Stream file, AdbLimits limits)
    {
        var magic = new byte[4];
        AdbBlocks.Fill(file, magic);
        if (magic.AsSpan().SequenceEqual("ADB."u8))
        {
            return new LimitedStream(file, limits.Length);
        }

        var unpacked = new LimitedStream(new AdbPackedStream(Method(file, magic), file, limits.Window), limits.Length);
        AdbBlocks.Fill(unpacked, magic);
        return magic.AsSpan().SequenceEqual("ADB."u8) ? unpacked : throw Damaged();
    }

    private static int Method(Stream file, ReadOnlySpan<byte> magic)
    {
        if (magic.SequenceEqual("ADBd"u8))
        {
            return AdbPackedStream.Deflate;
        }

        var method = new byte[2];
        AdbBlocks.Fill(file, magic.SequenceEqual("ADBc"u8) ? method : throw Damaged());
        return method[0];
    }
}
