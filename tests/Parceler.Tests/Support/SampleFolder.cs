namespace Parceler.Tests.Support;

/// <summary>The folder <c>samples</c> of the clone that the tests run in.</summary>
internal static class SampleFolder
{
    public static string Path { get; } = System.IO.Path.Combine(Clone(), "samples");

    private static string Clone()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(System.IO.Path.Combine(folder.FullName, "Parceler.slnx")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("These tests run inside a clone of Parceler");
        }

        return folder.FullName;
    }
}
