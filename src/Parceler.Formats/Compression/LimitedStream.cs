namespace Parceler.Formats.Compression;

/// <summary>Passes a stream through, but no more than a number of bytes.</summary>
internal sealed class LimitedStream(Stream source, long limit) : ReadOnlyStream
{
    private long _length;

    public override int Read(Span<byte> buffer)
    {
        var read = source.Read(buffer);
        _length += read;
        return _length <= limit ? read : throw new InvalidDataException($"The file unpacks to more than {limit} bytes");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            source.Dispose();
        }

        base.Dispose(disposing);
    }
}
