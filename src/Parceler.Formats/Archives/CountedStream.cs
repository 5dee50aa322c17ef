using Parceler.Formats.Compression;

namespace Parceler.Formats.Archives;

/// <summary>Passes a stream through and counts its bytes.</summary>
internal sealed class CountedStream(Stream source) : ReadOnlyStream
{
    public long Count { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        var read = source.Read(buffer);
        Count += read;
        return read;
    }
}
