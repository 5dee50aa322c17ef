namespace Parceler.Tests.Support;

/// <summary>A folder of one test's own, removed at its end.</summary>
internal sealed class TempFolder : IDisposable
{
    public TempFolder() => Path = Directory.CreateTempSubdirectory("parceler-test-").FullName;

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
