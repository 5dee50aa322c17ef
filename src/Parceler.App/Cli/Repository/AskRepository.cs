using System.CommandLine;
using System.Globalization;
using Parceler.Repositories;
using Spectre.Console;

namespace Parceler.App.Cli;

/// <summary>Asks on the terminal for what the command line left out of a new repository.</summary>
internal sealed class AskRepository(CliContext context, SettingsOptions options)
{
    public async Task<NewRepository> RunAsync(RepositoryName? name, ParseResult parsed, CancellationToken cancellation)
    {
        var given = name ?? RepositoryName.Parse(await AskAsync("Name", null, NameProblem, cancellation));
        var settings = options.Apply(parsed, NewRepository.Defaults(""));
        if (settings.Command.Length == 0 && settings.Mirror is null)
        {
            settings = settings with { Command = await AskAsync($"Command that fills source/{given}", null, Missing, cancellation) };
        }

        if (parsed.GetValue(options.SourceFolder) is null && settings.Mirror is null)
        {
            settings = settings with { SourceFolder = await AskAsync("Folder in it that is the repository (empty: all of it)", "", _ => null, cancellation) };
        }

        if (parsed.GetValue(options.Delay) is null)
        {
            var delay = await AskAsync("Delay in days", $"{settings.DelayDays}", DelayProblem, cancellation);
            settings = settings with { DelayDays = int.Parse(delay, CultureInfo.InvariantCulture) };
        }

        var decided = parsed.GetValue(options.Sync) || parsed.GetValue(options.NoSync);
        return new(given, settings, decided ? parsed.GetValue(options.Sync) : await Questions.YesAsync(context, "Sync now?", true, cancellation));
    }

    private Task<string> AskAsync(string what, string? fallback, Func<string, string?> problem, CancellationToken cancellation)
    {
        var prompt = new TextPrompt<string>(Markup.Escape(what) + (fallback is { Length: > 0 } ? "" : ":")) { AllowEmpty = fallback == "" };
        prompt.Validate(text => problem(text.Trim()) is { } why ? ValidationResult.Error(Markup.Escape(why)) : ValidationResult.Success());
        if (fallback is { Length: > 0 })
        {
            prompt.DefaultValue(fallback);
        }

        return AskTrimmedAsync(prompt, cancellation);
    }

    private async Task<string> AskTrimmedAsync(TextPrompt<string> prompt, CancellationToken cancellation) =>
        (await prompt.ShowAsync(context.Console, cancellation)).Trim();

    private static string? NameProblem(string text) =>
        RepositoryName.TryParse(text, null, out _) ? null : "1 to 64 letters, digits, '_' and '-'";

    private static string? Missing(string text) => text.Length == 0 ? "The command is what brings the packages in" : null;

    private static string? DelayProblem(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days <= RepositorySettings.MaxDelayDays
            ? null
            : $"A number of days up to {RepositorySettings.MaxDelayDays}, 0 for none";
}
