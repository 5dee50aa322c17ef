namespace Parceler.Tests.Support;

/// <summary>
/// The storage of one test: a folder, and a bucket of a real gateway for the classes in <c>Bucket/</c> and <c>PostgresBucket/</c>, which inherit
/// tests written for any; with <c>PARCELER_TEST_DISK=s3</c> for all.
/// </summary>
internal static class TestStorage
{
    public static bool IsBucket =>
        TestContext.Current.TestClass?.TestClassNamespace is "Parceler.Tests.Bucket" or "Parceler.Tests.PostgresBucket" || Environment.GetEnvironmentVariable("PARCELER_TEST_DISK") == "s3";

    /// <summary>The settings that lead to it; none for a folder.</summary>
    public static async Task<Dictionary<string, string?>> SettingsAsync() => IsBucket ? await (await S3Server.Shared).NewSettingsAsync() : [];
}
