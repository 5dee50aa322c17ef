using Spectre.Console;

namespace Parceler.App.Cli;

/// <summary>Yes or no, asked on the terminal.</summary>
internal static class Questions
{
    public static async Task<bool> YesAsync(CliContext context, string question, bool fallback, CancellationToken cancellation)
    {
        var prompt = new TextPrompt<string>($"{Markup.Escape(question)} {(fallback ? "[[Y/n]]" : "[[y/N]]")}") { AllowEmpty = true };
        prompt.Validate(text => Answer(text, fallback) is null ? ValidationResult.Error("y or n") : ValidationResult.Success());
        return Answer(await prompt.ShowAsync(context.Console, cancellation), fallback)!.Value;
    }

    private static bool? Answer(string text, bool fallback) =>
        text.Trim().ToLowerInvariant() switch
        {
            "" => fallback,
            "y" or "yes" => true,
            "n" or "no" => false,
            _ => null,
        };
}
