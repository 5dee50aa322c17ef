using dotenv.net;
using Microsoft.Extensions.Configuration;

namespace Parceler.App.Configuration;

/// <summary>Where settings come from: the environment, over <c>.env</c>, over <c>appsettings.json</c>, both in the current folder and optional.</summary>
internal static class ConfigurationSources
{
    /// <param name="overrides">Options of the command line, by the names of the settings.</param>
    public static IConfiguration Read(IEnumerable<KeyValuePair<string, string?>> overrides) =>
        new ConfigurationBuilder()
            .SetBasePath(Directory.GetCurrentDirectory())
            .AddJsonFile("appsettings.json", optional: true, reloadOnChange: false)
            .AddInMemoryCollection(Dotenv())
            .AddEnvironmentVariables()
            .AddInMemoryCollection(overrides)
            .Build();

    private static IEnumerable<KeyValuePair<string, string?>> Dotenv() =>
        File.Exists(".env")
            ? DotEnv.Read(new DotEnvOptions(envFilePaths: [".env"])).Select(v => KeyValuePair.Create(v.Key.Replace("__", ":", StringComparison.Ordinal), (string?)v.Value))
            : [];
}
