using Microsoft.Win32.SafeHandles;

namespace Parceler.App.Transport;

/// <summary>Whether a file has to be read from the disk. Only the thread that nobody waits for may do so (docs/decisions/0007).</summary>
internal static unsafe class PageCache
{
    /// <summary>Whether begin, middle and end are in memory: what was sent not long ago is there as a whole. False where the file system can't tell.</summary>
    public static bool Holds(SafeFileHandle file, long offset, int count) =>
        HasByte(file, offset) && HasByte(file, offset + (count / 2)) && HasByte(file, offset + count - 1);

    private static bool HasByte(SafeFileHandle file, long offset)
    {
        byte one;
        var part = new LibC.Part { Start = &one, Length = 1 };
        return LibC.ReadAt(file, &part, 1, offset, LibC.WithoutWaiting) == 1;
    }
}
