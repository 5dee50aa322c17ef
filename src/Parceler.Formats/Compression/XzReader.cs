using SharpCompress.Compressors.LZMA;

namespace Parceler.Formats.Compression;

/// <summary>
/// Unpacks xz files of any number of streams and blocks. The container is read here, since the library's reader stops after the first stream
/// and asks for as much memory as the file says; its LZMA2 decoder does the rest. Source: the .xz file format 1.1.0.
/// </summary>
internal sealed class XzReader(Stream packed, int window) : ReadOnlyStream
{
    private const int BlocksAtOnce = 64;
    private const int SmallestBlock = 16; // as a power of two; each block takes its memory anew, so many tiny ones would take for ever
    private readonly XzSource _source = new(packed);
    private XzStreamFrame? _stream;
    private XzBlockHeader? _header;
    private LzmaStream? _lzma;
    private long _blockStart;
    private long _blockLength;
    private long _length;
    private long _blocks;
    private bool _isStarted;

    public override int Read(Span<byte> buffer)
    {
        while (!buffer.IsEmpty && (_lzma is not null || NextBlock()))
        {
            var read = Unpack(buffer);
            if (read > 0)
            {
                return read;
            }

            EndBlock();
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _lzma?.Dispose();
            _stream?.Dispose();
            packed.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool NextBlock()
    {
        while (_stream is not null || NextStream())
        {
            if (_source.Peek() != 0)
            {
                BeginBlock();
                return true;
            }

            _stream!.TakeEnd(_source);
            _stream.Dispose();
            _stream = null;
        }

        return false;
    }

    private bool NextStream()
    {
        var start = _source.Count;
        while (_isStarted && !_source.IsAtEnd && _source.Peek() == 0)
        {
            _source.Take();
        }

        var isWhole = ((_source.Count - start) & 3) == 0 ? !_source.IsAtEnd || !_isStarted : throw XzSource.Damaged();
        _isStarted = true;
        _stream = isWhole ? XzStreamFrame.Begin(_source) : null;
        return isWhole;
    }

    private void BeginBlock()
    {
        _blockStart = _source.Count;
        _header = XzBlockHeader.Read(_source);
        if (_header.Window > window || _blocks++ > BlocksAtOnce + (_length >> SmallestBlock))
        {
            throw new InvalidDataException($"The xz file asks for more than {window} bytes of memory, or is cut into needlessly many blocks");
        }

        _blockLength = 0;
        _lzma = LzmaStream.Create([_header.Dictionary], _source, -1, -1, null, isLzma2: true, leaveOpen: true);
    }

    private int Unpack(Span<byte> buffer)
    {
        try
        {
            var read = _lzma!.Read(buffer);
            _stream!.Check.Add(buffer[..read]);
            _blockLength += read;
            _length += read;
            return read;
        }
        catch (Exception error) when (error is not (IOException or InvalidDataException or OutOfMemoryException))
        {
            throw XzSource.Damaged(); // the decoder is not written for hostile files: it runs out of its arrays
        }
    }

    private void EndBlock()
    {
        _lzma!.Dispose();
        _lzma = null;
        var packedLength = _source.Count - _blockStart - _header!.Length;
        _source.TakePadding(_blockStart);
        var unpadded = _header.Length + packedLength + _stream!.Check.Take(_source);
        if ((_header.Packed ?? packedLength) != packedLength || (_header.Unpacked ?? _blockLength) != _blockLength)
        {
            throw XzSource.Damaged();
        }

        _stream.AddBlock(unpadded, _blockLength);
    }
}
