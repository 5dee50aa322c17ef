using System.CommandLine;
using Parceler.App.Configuration;
using Parceler.Repositories;

namespace Parceler.App.Cli;

internal sealed class KeyGenerate : CliCommand
{
    private readonly Option<bool> _show = new("--show") { Description = "Print a new key for APP_KEY, and keep it nowhere" };

    public KeyGenerate(CliContext context)
        : base(context, "generate", "Makes the key of the service in the storage folder, if it has none yet", "parceler key generate --show") => Add(_show);

    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        if (parsed.GetValue(_show))
        {
            Context.Say(AppKey.Generate());
            return Task.FromResult(ExitCodes.Done);
        }

        var settings = Context.ReadSettings();
        var file = Path.Combine(settings.StoragePath, "app.key");
        if (settings.AppKey is not null || File.Exists(file))
        {
            throw new RefusedException(
                $"There is a key already, in {(settings.AppKey is null ? file : "APP_KEY")}. To replace it, set APP_KEY to what 'parceler key generate --show' prints, and the old one in APP_PREVIOUS_KEYS"
            );
        }

        Directory.CreateDirectory(settings.StoragePath);
        AppKey.Establish(settings);
        Context.Say($"A key was made in {file}");
        return Task.FromResult(ExitCodes.Done);
    }
}
