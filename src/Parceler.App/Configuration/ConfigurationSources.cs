using dotenv.net;
using Microsoft.Extensions.Configuration;

namespace Parceler.App.Configuration;

/// <summary>Where settings come from: the environment, over <c>.env</c>, over <c>appsettings.json</c>, both in the current folder and optional.</summary>
internal static class ConfigurationSources
{
    private const string EnvironmentFile = ".env";
    private const string SettingsFile = "appsettings.json";

    /// <param name="overrides">Options of the command line, by the names of the settings.</param>
    /// <exception cref="SettingsException">A file is there, but can't be read: running without it would be another service.</exception>
    public static IConfiguration Read(IEnumerable<KeyValuePair<string, string?>> overrides) =>
        new ConfigurationBuilder()
            .AddConfiguration(Json())
            .AddInMemoryCollection(Dotenv().Select(v => KeyValuePair.Create(v.Key.Replace("__", ":", StringComparison.Ordinal), v.Value)))
            .AddEnvironmentVariables()
            .AddInMemoryCollection(overrides)
            .Build();

    /// <summary>Puts what stands in <c>.env</c> alone into the environment of this process, for the sync commands that inherit it (RCLONE_*, AWS_* ...).</summary>
    public static void ExportEnvironmentFile()
    {
        foreach (var (name, value) in Dotenv().Where(v => Environment.GetEnvironmentVariable(v.Key) is null))
        {
            Environment.SetEnvironmentVariable(name, value);
        }
    }

    private static IConfigurationRoot Json()
    {
        try
        {
            return new ConfigurationBuilder().SetBasePath(Directory.GetCurrentDirectory()).AddJsonFile(SettingsFile, optional: true, reloadOnChange: false).Build();
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new SettingsException([$"{SettingsFile}: {e.GetBaseException().Message}"]);
        }
    }

    private static IEnumerable<KeyValuePair<string, string?>> Dotenv()
    {
        if (!File.Exists(EnvironmentFile))
        {
            return [];
        }

        try
        {
            var variables = DotEnv.Read(new DotEnvOptions(ignoreExceptions: false, envFilePaths: [EnvironmentFile]));
            return variables.Select(v => KeyValuePair.Create(NameOf(v.Key), (string?)v.Value));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException([$"{EnvironmentFile}: {e.Message}"]);
        }
    }

    private static string NameOf(string key) =>
        key.StartsWith("export ", StringComparison.Ordinal) ? key["export ".Length..].Trim() : key;
}
