using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Parceler.Storage;

/// <summary>What Linux tells and the base library does not: inode, change time, file kind; direct writes; one flush for many files.</summary>
internal static partial class Posix
{
    public const int NoEntry = 2; // ENOENT
    public const int Invalid = 22; // EINVAL
    private const int AtCurrentFolder = -100; // AT_FDCWD
    private const int AtSymlinkNoFollow = 0x100;
    private const int AtEmptyPath = 0x1000;
    private const uint BasicStats = 0x7ff; // STATX_BASIC_STATS
    private const int WriteOnlyCreate = 0x1 | 0x40 | 0x80000; // O_WRONLY | O_CREAT | O_CLOEXEC

    // O_DIRECT differs between the architectures of Linux.
    private static readonly int s_direct = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x10000 : 0x4000;

    /// <summary>Looks at <paramref name="path"/>; null when there is nothing.</summary>
    public static FileStat? Stat(string path, bool followLink) =>
        Statx(AtCurrentFolder, path, followLink ? 0 : AtSymlinkNoFollow, BasicStats, out var raw) == 0
            ? new FileStat(raw.Mode, raw.Inode, raw.Size, raw.ChangeSeconds, raw.ChangeNanoseconds, raw.ModifySeconds, raw.ModifyNanoseconds, raw.Device)
            : Absent(path);

    public static FileStat Stat(SafeFileHandle file) =>
        Statx(file, "", AtEmptyPath, BasicStats, out var raw) == 0
            ? new FileStat(raw.Mode, raw.Inode, raw.Size, raw.ChangeSeconds, raw.ChangeNanoseconds, raw.ModifySeconds, raw.ModifyNanoseconds, raw.Device)
            : throw Error("An open file can't be looked at");

    /// <summary>Creates a file whose writes go past the page cache; null where the file system can't.</summary>
    public static SafeFileHandle? CreateDirect(string path)
    {
        var descriptor = Open(path, WriteOnlyCreate | s_direct, 0b110_100_100);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true)
            : Marshal.GetLastPInvokeError() == Invalid ? null
            : throw Error($"{path} can't be created");
    }

    /// <summary>Opens a file to be written from its start, and makes it where it is not there yet.</summary>
    public static SafeFileHandle Create(string path)
    {
        var descriptor = Open(path, WriteOnlyCreate, 0b110_100_100);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Error($"{path} can't be created");
    }

    /// <summary>Flushes all that was written to the file system that holds <paramref name="folder"/>, names included.</summary>
    public static void SyncFileSystem(string folder)
    {
        using var handle = OpenFolder(folder);
        if (SyncFs(handle) != 0)
        {
            throw Error($"The file system of {folder} can't be flushed");
        }
    }

    /// <summary>Makes the names in <paramref name="folder"/> durable.</summary>
    public static void SyncFolder(string folder)
    {
        using var handle = OpenFolder(folder);
        if (FSync(handle) != 0)
        {
            throw Error($"The folder {folder} can't be flushed");
        }
    }

    /// <summary>The path without any link in it.</summary>
    /// <exception cref="IOException">It leads to nothing, or around in circles.</exception>
    public static unsafe string RealPath(string path)
    {
        var resolved = stackalloc byte[4096]; // PATH_MAX
        return RealPath(path, resolved) != 0 ? Marshal.PtrToStringUTF8((nint)resolved)! : throw Error($"{path} can't be followed");
    }

    private static SafeFileHandle OpenFolder(string folder)
    {
        var descriptor = Open(folder, 0x80000, 0); // O_RDONLY | O_CLOEXEC
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Error($"The folder {folder} can't be opened");
    }

    private static FileStat? Absent(string path) =>
        Marshal.GetLastPInvokeError() is NoEntry or 20 /* ENOTDIR */ ? null : throw Error($"{path} can't be looked at");

    private static IOException Error(string what)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{what}: {Marshal.GetPInvokeErrorMessage(error)}", new Win32Exception(error));
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, out RawStat stat);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(SafeFileHandle folder, string path, int flags, uint mask, out RawStat stat);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "realpath", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial nint RealPath(string path, byte* resolved);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int SyncFs(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    // struct statx of the kernel: the same on every architecture (statx(2))
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct RawStat
    {
        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public long Size;

        [FieldOffset(96)]
        public long ChangeSeconds;

        [FieldOffset(104)]
        public uint ChangeNanoseconds;

        [FieldOffset(112)]
        public long ModifySeconds;

        [FieldOffset(120)]
        public uint ModifyNanoseconds;

        [FieldOffset(136)]
        public ulong Device;
    }
}
