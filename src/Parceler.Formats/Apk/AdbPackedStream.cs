using System.IO.Compression;
using Parceler.Formats.Compression;

namespace Parceler.Formats.Apk;

/// <summary>Unpacks what is in an ADBd or ADBc file.</summary>
internal sealed class AdbPackedStream(int method, Stream packed, int window) : ReadOnlyStream
{
    public const int Deflate = 1;
    private readonly Stream _unpacked = method switch
    {
        0 => packed,
        Deflate => new DeflateStream(packed, CompressionMode.Decompress),
        2 => new ZstdReader(packed, window),
        _ => throw new InvalidDataException($"The file is packed by a method that is not known, {method}"),
    };

    public override int Read(Span<byte> buffer) => _unpacked.Read(buffer);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _unpacked.Dispose();
        }

        base.Dispose(disposing);
    }
}
