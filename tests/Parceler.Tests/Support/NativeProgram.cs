namespace Parceler.Tests.Support;

/// <summary>The native executable as it is delivered. <c>./test</c> publishes it and says where it is.</summary>
internal static class NativeProgram
{
    private const string Variable = "PARCELER_NATIVE";

    /// <summary>The program on a storage in this folder, with no licence authority within reach.</summary>
    public static ParcelerProgram In(TempFolder folder)
    {
        var path = Environment.GetEnvironmentVariable(Variable);
        Assert.SkipWhen(string.IsNullOrEmpty(path), $"{Variable} names no native executable; ./test publishes one");
        File.Exists(path).Should().BeTrue("{0} names {1}", Variable, path);
        return new(path!, folder)
        {
            Environment =
            {
                ["ENTERPRISE_ENDPOINT"] = "http://127.0.0.1:1/",
                ["COMMUNITY_ENDPOINT"] = "http://127.0.0.1:1/",
                ["REPOSITORY_RELEASE_TOKEN"] = "release-token",
            },
        };
    }
}
