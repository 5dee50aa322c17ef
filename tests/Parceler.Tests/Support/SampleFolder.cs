namespace Parceler.Tests.Support;

/// <summary>The folder <c>samples</c> of the clone that the tests run in.</summary>
internal static class SampleFolder
{
    public static string Path { get; } = CloneFolder.File("samples");
}
