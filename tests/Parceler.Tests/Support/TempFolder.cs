namespace Parceler.Tests.Support;

/// <summary>A folder of one test's own, removed at its end.</summary>
internal sealed class TempFolder : IDisposable
{
    private const string Memory = "/dev/shm";
    private const long RoomInMemory = 2L << 30; // containers often have 64 MB there

    public TempFolder()
        : this(Directory.CreateTempSubdirectory("parceler-test-").FullName) { }

    private TempFolder(string path) => Path = path;

    /// <summary>One without a disk behind it, if there is one with room: for what flushes again and again.</summary>
    public static TempFolder InMemory() =>
        Directory.Exists(Memory) && new DriveInfo(Memory).AvailableFreeSpace > RoomInMemory ? new(Directory.CreateDirectory(System.IO.Path.Combine(Memory, $"parceler-test-{Guid.NewGuid():n}")).FullName) : new();

    public string Path { get; }

    public string this[string relative] => System.IO.Path.Combine(Path, relative);

    /// <summary>Writes a file and the folders above it; returns its full path.</summary>
    public string Write(string relative, string content)
    {
        var path = this[relative];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    // rm, since names that are not UTF-8 can't be removed by their name here
    public void Dispose()
    {
        using var remove = System.Diagnostics.Process.Start("rm", ["-rf", Path]);
        remove.WaitForExit();
    }
}
