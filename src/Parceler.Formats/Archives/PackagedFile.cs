namespace Parceler.Formats.Archives;

/// <summary>One regular file of an .ipk or .deb; its path is relative and without "./", such as "usr/bin/hello".</summary>
public sealed record PackagedFile(string Path, byte[] Content, UnixFileMode Mode = PackagedFile.Readable)
{
    /// <summary>0644.</summary>
    public const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>0755: for programs, and for scripts such as postinst.</summary>
    public const UnixFileMode Executable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
}
