using Parceler.Storage;

namespace Parceler.Upstreams.Mirrors;

/// <summary>Holds a content in memory, for pages that are read once and not kept.</summary>
internal sealed class MemorySink : ContentSink
{
    private const int LeastSpace = 16 << 10;
    private byte[] _bytes = new byte[4 * LeastSpace];
    private int _size;

    public override long Size => _size;

    public override Span<byte> Space
    {
        get
        {
            if (_bytes.Length - _size < LeastSpace)
            {
                Array.Resize(ref _bytes, 2 * _bytes.Length);
            }

            return _bytes.AsSpan(_size);
        }
    }

    public ReadOnlySpan<byte> Content => _bytes.AsSpan(0, _size);

    public override void Took(int count) => _size += count;

    public override Digest Finish() => Digest.Of(Content);

    public override void Keep()
    {
        // it is read from here
    }

    public override void Restart() => _size = 0;
}
