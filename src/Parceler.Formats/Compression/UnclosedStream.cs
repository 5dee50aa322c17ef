namespace Parceler.Formats.Compression;

/// <summary>Writes to a stream that stays open when this one is closed.</summary>
internal sealed class UnclosedStream(Stream output) : WriteOnlyStream
{
    public override void Write(ReadOnlySpan<byte> buffer) => output.Write(buffer);

    public override void Flush() => output.Flush();
}
