using System.Buffers.Binary;
using System.IO.Compression;
using Parceler.Formats.Apk;
using Parceler.Formats.Signing;
using Parceler.Tests.Formats.Apk;

namespace Parceler.Fuzz.Targets;

/// <summary>packages.adb and .apk of apk 3, with their signatures.</summary>
internal static class ApkTarget
{
    private static readonly AdbLimits s_limits = new() { Length = 16 << 20, Payload = 8 << 20 };
    private static readonly ApkPublicKey[] s_keys = [ApkPublicKey.Parse(ApkSamples.EcdsaKey), ApkPublicKey.Parse(ApkSamples.RsaKey)];

    public static FuzzTarget Create() => new("apk",
    [
        FuzzReader.OfData("file", Read, () => [ApkSamples.Hello, ApkSamples.Aplus, ApkSamples.Empty, ApkSamples.Index]),
        FuzzReader.OfData("deflate", inside => Read([.. "ADBd"u8, .. Pack.Deflate(inside)]), () => [Unpacked(ApkSamples.Hello), .. Indexes()]),
        FuzzReader.OfData("zstd", inside => Read([.. "ADBc"u8, 2, 3, .. Pack.Zstd(inside)]), () => [ApkSamples.Empty]),
        FuzzReader.OfData("unpacked", inside => Read([.. "ADB."u8, .. inside]), () => [.. Indexes().Select(index => index[4..]), Unpacked(ApkSamples.Hello)[4..], ApkSamples.Empty[4..]]),
        FuzzReader.OfData("index", payload => Read(File("indx"u8, payload)), () => [Payload(ApkSamples.Index)]),
        FuzzReader.OfData("package", payload => Read(File("pckg"u8, payload)), () => [Payload(ApkSamples.Empty), Payload(ApkSamples.Hello)]),
        FuzzReader.OfData("signature", signature => Read([.. File("indx"u8, Payload(ApkSamples.Index)), .. Block(1, signature)]), Signatures),
    ],
    ["ADB.", "ADBd", "ADBc", "indx", "pckg", "\u00ff\u00ff\u00ff\u00ef", "\u0000\u0000\u0000\u00e0", "\u0000\u0000\u0000\u00d0", "\u0000\u0000\u0000\u0080"]);

    private static void Read(byte[] bytes)
    {
        var file = AdbFile.Read(new MemoryStream(bytes), s_limits);
        FuzzFaultException.Unless(AdbFile.Read(new Dribble(bytes), s_limits).Payload.Span.SequenceEqual(file.Payload.Span), "parts of a file do not matter");
        _ = Array.Exists(s_keys, key => key.Verify(file));
        if (file.Schema == "pckg")
        {
            new ApkReader(s_limits).Read(new MemoryStream(bytes));
            return;
        }

        var index = ApkIndex.Of(file);
        var written = index.ToFile().ToBytes();
        FuzzFaultException.Unless(ApkIndex.Of(AdbFile.Read(new MemoryStream(written), AdbLimits.Default)).Packages.Count == index.Packages.Count, "what is written can be read");
    }

    private static byte[] File(ReadOnlySpan<byte> schema, byte[] payload) => [.. "ADB."u8, .. schema, .. Block(0, payload)];

    private static byte[] Block(int kind, ReadOnlySpan<byte> content)
    {
        var block = new byte[(sizeof(uint) + content.Length + 7) & ~7];
        BinaryPrimitives.WriteUInt32LittleEndian(block, ((uint)kind << 30) | (uint)(content.Length + sizeof(uint)));
        content.CopyTo(block.AsSpan(sizeof(uint)));
        return block;
    }

    private static IEnumerable<byte[]> Indexes()
    {
        var file = AdbFile.Read(new MemoryStream(ApkSamples.Index), s_limits);
        byte[] first = [.. "ADB."u8, .. File("indx"u8, file.Payload.ToArray())[4..]];
        return [first, [.. first, .. Block(1, file.Signatures[0].ToBytes())]];
    }

    private static IEnumerable<byte[]> Signatures() => AdbFile.Read(new MemoryStream(ApkSamples.Index), s_limits).Signatures.Select(signature => signature.ToBytes());

    private static byte[] Payload(byte[] file) => AdbFile.Read(new MemoryStream(file), s_limits).Payload.ToArray();

    private static byte[] Unpacked(byte[] file)
    {
        using var content = new MemoryStream();
        using var deflate = new DeflateStream(new MemoryStream(file[4..]), CompressionMode.Decompress);
        deflate.CopyTo(content);
        return content.ToArray();
    }
}
