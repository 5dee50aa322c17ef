using Parceler.App;
using Parceler.App.Cli;
using Parceler.App.Configuration;

return await CommandLine.MainAsync(args, RunRoleAsync);

static Task<int> RunRoleAsync(Role role, string? urls, bool ignoresMaintenance, CancellationToken cancellation)
{
    ConfigurationSources.ExportEnvironmentFile();
    var overrides = urls is null ? [] : new[] { KeyValuePair.Create("urls", (string?)urls) };
    var roles = Roles.Of(role);
    var settings = new SettingsReader(ConfigurationSources.Read(overrides), opensFiles: roles.Web).Read();
    return RunService.RunAsync(settings, roles, ignoresMaintenance, cancellation);
}
