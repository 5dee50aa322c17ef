using Microsoft.Win32.SafeHandles;

namespace Parceler.Storage;

/// <summary>
/// A large file in the making, written past the page cache where the file system allows it: filling the cache with
/// bytes that nobody reads soon costs more than the disk does (docs/decisions/0002-durable-in-batches.md).
/// </summary>
internal sealed class StagedFile : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly bool _direct;
    private long _size;

    public StagedFile(string path)
    {
        var direct = Posix.CreateDirect(path);
        _direct = direct is not null;
        _file = direct ?? Posix.Create(path);
    }

    /// <summary>Appends the first <paramref name="count"/> bytes of the buffer. Only the last write may be less than the whole buffer.</summary>
    public void Write(IntakeBuffer buffer, int count)
    {
        var whole = _direct ? (count + IntakeBuffer.Alignment - 1) / IntakeBuffer.Alignment * IntakeBuffer.Alignment : count; // direct writes are whole blocks
        buffer.Span[count..whole].Clear();
        RandomAccess.Write(_file, buffer.Span[..whole], _size);
        _size += count;
        if (whole != count)
        {
            RandomAccess.SetLength(_file, _size);
        }
    }

    public void Dispose() => _file.Dispose();
}
