using System.Security.Cryptography;
using Parceler.Formats.Compression;

namespace Parceler.Formats.Archives;

/// <summary>Passes a stream through, counts its bytes and adds them to a hash.</summary>
internal sealed class HashedStream(Stream source, IncrementalHash hash) : ReadOnlyStream
{
    public long Count { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        var read = source.Read(buffer);
        Count += read;
        hash.AppendData(buffer[..read]);
        return read;
    }
}
