namespace Parceler.Tests.Support;

/// <summary>The clone that the tests run in.</summary>
internal static class CloneFolder
{
    public static string Path { get; } = Find();

    public static string File(string relative) => System.IO.Path.Combine(Path, relative);

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!System.IO.File.Exists(System.IO.Path.Combine(folder.FullName, "Parceler.slnx")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("These tests run inside a clone of Parceler");
        }

        return folder.FullName;
    }
}
