using Microsoft.Win32.SafeHandles;

namespace Parceler.Delivery;

/// <summary>A blob ready to be sent: its bytes when it is small, an open file otherwise. Counted, so that it is closed after its last reader.</summary>
internal sealed class OpenBlob
{
    private int _users = 1; // the cache

    public OpenBlob(byte[] content)
    {
        Content = content;
        Size = content.Length;
    }

    public OpenBlob(SafeFileHandle file, long size)
    {
        File = file;
        Size = size;
    }

    public byte[]? Content { get; }

    /// <summary>Null when it is in memory. Not for closing.</summary>
    public SafeFileHandle? File { get; }

    /// <summary>What can be read of a file that is still coming; null when it is whole.</summary>
    public Arrival? Arrival { get; init; }

    /// <summary>In bytes.</summary>
    public long Size { get; }

    /// <summary>Set at every use, cleared when the cache looks for something to drop.</summary>
    public bool IsRecent { get; set; } = true;

    /// <summary>Reads from the open file.</summary>
    public int Read(Span<byte> buffer, long offset) => RandomAccess.Read(File!, buffer, offset);

    /// <summary>False when it was closed meanwhile.</summary>
    public bool TryUse()
    {
        for (var users = Volatile.Read(ref _users); users > 0; users = Volatile.Read(ref _users))
        {
            if (Interlocked.CompareExchange(ref _users, users + 1, users) == users)
            {
                return true;
            }
        }

        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            File?.Dispose();
        }
    }
}
