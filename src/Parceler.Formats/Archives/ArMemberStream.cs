using Parceler.Formats.Compression;

namespace Parceler.Formats.Archives;

/// <summary>The content of one ar member. The archive's end within it is an error.</summary>
internal sealed class ArMemberStream(Stream archive, long size) : ReadOnlyStream
{
    private bool IsOdd { get; } = (size & 1) == 1;
    private long _left = size;

    public override int Read(Span<byte> buffer)
    {
        var wanted = buffer[..(int)Math.Min(buffer.Length, _left)];
        var read = archive.Read(wanted);
        _left -= read;
        return read > 0 || wanted.IsEmpty ? read : throw new InvalidDataException("The ar archive is cut short");
    }

    /// <summary>Goes to the next header; it stands at an even place, and only the last member may lack the byte for that.</summary>
    public void SkipRest()
    {
        CopyTo(Null);
        if (IsOdd)
        {
            archive.ReadByte();
        }
    }
}
