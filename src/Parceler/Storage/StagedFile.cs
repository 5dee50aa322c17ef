using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Parceler.Storage;

/// <summary>
/// A large file in the making, written past the page cache where the file system allows it: filling the cache with
/// bytes that nobody reads soon costs more than the disk does (docs/decisions/0002-durable-in-batches.md).
/// </summary>
internal sealed unsafe class StagedFile : IDisposable
{
    private const int BufferSize = 1 << 20;
    private const int Alignment = 4096;
    private readonly byte* _buffer = (byte*)NativeMemory.AlignedAlloc(BufferSize, Alignment);
    private readonly SafeFileHandle _file;
    private readonly bool _direct;
    private long _size;

    public StagedFile(string path)
    {
        var direct = Posix.CreateDirect(path);
        _direct = direct is not null;
        _file = direct ?? File.OpenHandle(path, FileMode.Create, FileAccess.Write);
    }

    /// <summary>To be filled from its start, then passed to <see cref="WriteBuffer"/>.</summary>
    public Span<byte> Buffer => new(_buffer, BufferSize);

    /// <summary>Appends the first <paramref name="count"/> bytes of the buffer. Only the last write may be less than the whole buffer.</summary>
    public void WriteBuffer(int count)
    {
        var whole = _direct ? (count + Alignment - 1) / Alignment * Alignment : count; // direct writes are whole blocks
        Buffer[count..whole].Clear();
        RandomAccess.Write(_file, Buffer[..whole], _size);
        _size += count;
        if (whole != count)
        {
            RandomAccess.SetLength(_file, _size);
        }
    }

    public void Dispose()
    {
        _file.Dispose();
        NativeMemory.AlignedFree(_buffer);
    }
}
