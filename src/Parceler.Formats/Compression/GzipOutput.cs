using System.IO.Compression;

namespace Parceler.Formats.Compression;

/// <summary>Packs as gzip -9n does: the header has neither a name nor a time, so the same content gives the same bytes.</summary>
internal sealed class GzipOutput(Stream output) : WriteOnlyStream
{
    // GZipStream writes nothing at all for nothing, and that is no gzip file
    private static readonly byte[] Empty = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    private readonly GZipStream _gzip = new(output, CompressionLevel.SmallestSize, leaveOpen: true);
    private bool _isEmpty = true;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _isEmpty &= buffer.IsEmpty;
        _gzip.Write(buffer);
    }

    public override void Flush() => _gzip.Flush();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _gzip.Dispose();
            WriteEmpty();
        }

        base.Dispose(disposing);
    }

    private void WriteEmpty()
    {
        if (_isEmpty)
        {
            output.Write(Empty);
            _isEmpty = false;
        }
    }
}
