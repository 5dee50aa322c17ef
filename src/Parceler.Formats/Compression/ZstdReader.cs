using System.Numerics;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Parceler.Formats.Compression;

/// <summary>Unpacks zstd frames. The decoder's own errors become <see cref="InvalidDataException"/>.</summary>
internal sealed class ZstdReader : ReadOnlyStream
{
    private readonly DecompressionStream _zstd;

    public ZstdReader(Stream packed, int window)
    {
        _zstd = new(packed);
        _zstd.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, BitOperations.Log2((uint)window));
    }

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return _zstd.Read(buffer);
        }
        catch (Exception error) when (error is ZstdException or EndOfStreamException)
        {
            throw new InvalidDataException($"The file is no whole zstd file: {error.Message}", error);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _zstd.Dispose();
        }

        base.Dispose(disposing);
    }
}
