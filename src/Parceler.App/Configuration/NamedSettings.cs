using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Parceler.App.Configuration;

/// <summary>Takes single settings by their names, and notes what is wrong with them.</summary>
/// <param name="faults">Gets each fault, which begins with the name.</param>
internal abstract class NamedSettings(IConfiguration configuration, List<string> faults)
{
    protected IConfiguration Configuration => configuration;

    protected List<string> Faults => faults;

    protected string? Text(string name) => string.IsNullOrWhiteSpace(configuration[name]) ? null : configuration[name]!.Trim();

    protected string[] List(string name) => Text(name)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <param name="why">For the fault, when it is missing.</param>
    protected string Needed(string name, string why)
    {
        if (Text(name) is { } text)
        {
            return text;
        }

        faults.Add($"{name}: missing; {why}");
        return "";
    }

    protected int Whole(string name, int fallback, int least, int most) => (int)Number(name, fallback, least, most, whole: true);

    protected long Megabytes(string name, int fallback, int least) => (long)Whole(name, fallback, least, 1 << 20) << 20;

    protected double Number(string name, double fallback, double least, double most, bool whole = false)
    {
        if (Text(name) is not { } text)
        {
            return fallback;
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most && (!whole || double.IsInteger(number)))
        {
            return number;
        }

        faults.Add($"{name}: '{text}' is no {(whole ? "whole " : "")}number from {least} to {most}");
        return fallback;
    }

    protected string Choice(string name, string[] choices, string fallback)
    {
        var text = Text(name) ?? fallback;
        if (!choices.Contains(text, StringComparer.Ordinal))
        {
            faults.Add($"{name}: '{text}' is none of: {string.Join(", ", choices)}");
            return fallback;
        }

        return text;
    }
}
