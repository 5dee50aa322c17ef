namespace Parceler.Storage;

internal enum FileKind
{
    File,
    Folder,
    Link,
    Other,
}

/// <summary>
/// What tells one state of a file from another without reading it: inode, size, times of modification and of change.
/// </summary>
internal readonly record struct FileStat(
    ushort Mode,
    ulong Inode,
    long Size,
    long ChangeSeconds,
    uint ChangeNanoseconds,
    long ModifySeconds,
    uint ModifyNanoseconds,
    ulong Device
)
{
    public FileKind Kind =>
        (Mode & 0xf000) switch
        {
            0x8000 => FileKind.File,
            0x4000 => FileKind.Folder,
            0xa000 => FileKind.Link,
            _ => FileKind.Other,
        };
}
