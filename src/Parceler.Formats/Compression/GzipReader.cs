using System.IO.Compression;

namespace Parceler.Formats.Compression;

/// <summary>
/// Unpacks one gzip member, and no more of it than a limit. <see cref="GZipStream"/> takes the end of a file that
/// was cut short for the end of its content; here the length that stands at the end of the file has to fit.
/// </summary>
internal sealed class GzipReader : ReadOnlyStream
{
    private const int ShortestMember = 18; // header 10, check sum 4, length 4
    private readonly TailStream _compressed;
    private readonly GZipStream _gzip;
    private readonly long _limit;
    private long _length;

    public GzipReader(Stream compressed, long limit)
    {
        _compressed = new(compressed);
        _gzip = new(_compressed, CompressionMode.Decompress);
        _limit = limit;
    }

    public override int Read(Span<byte> buffer)
    {
        var read = _gzip.Read(buffer);
        _length += read;
        if (_length > _limit)
        {
            throw new InvalidDataException($"The file unpacks to more than {_limit} bytes");
        }

        if (read == 0 && !buffer.IsEmpty && (_compressed.Count < ShortestMember || _compressed.Last != (uint)_length))
        {
            throw new InvalidDataException("The file is cut short, or not one whole gzip file");
        }

        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _gzip.Dispose();
        }

        base.Dispose(disposing);
    }
}
