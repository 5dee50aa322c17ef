using Parceler.Formats.Compression;

namespace Parceler.Formats.Rpm;

/// <summary>
/// Passes XML through, but no tag or text without end: the parser holds each whole, while '&lt;' can stand in neither. So bytes between two of
/// them are counted.
/// </summary>
internal sealed class TagLengthStream(Stream source, int limit) : ReadOnlyStream
{
    private long _length;

    public override int Read(Span<byte> buffer)
    {
        var read = source.Read(buffer);
        var rest = buffer[..read];
        if (rest.Contains((byte)0))
        {
            throw new InvalidDataException("The index is not in UTF-8"); // in others, the byte of '<' stands in letters too
        }

        for (var at = rest.IndexOf((byte)'<'); at >= 0; at = rest.IndexOf((byte)'<'))
        {
            Count(at);
            _length = 0;
            rest = rest[(at + 1)..];
        }

        Count(rest.Length);
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            source.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Count(int bytes)
    {
        _length += bytes;
        if (_length > limit)
        {
            throw new InvalidDataException($"The index has a tag or text of more than {limit} bytes");
        }
    }
}
