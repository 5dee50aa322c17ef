using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Parceler.Repositories;

namespace Parceler.App.Cli;

/// <summary>Arguments and options that several commands have.</summary>
internal static class Inputs
{
    public static Argument<RepositoryName> Name() =>
        new("NAME") { Description = "Name of the repository", CustomParser = One<RepositoryName> };

    public static Argument<RepositoryName[]> Names() =>
        new("NAME") { Description = "Names of repositories", Arity = ArgumentArity.OneOrMore, CustomParser = Many<RepositoryName> };

    public static Option<bool> Json() => new("--json") { Description = "Print JSON" };

    public static Option<bool> Wait(string what) => new("--wait") { Description = $"Follow the {what}; exit status 1 if its first try fails" };

    /// <summary>Without it, a machine in the middle of an update ends it on the snapshot that it began with.</summary>
    public static Option<bool> Now() => new("--now") { Description = "For machines in the middle of an update, too: what only other snapshots have is gone for them at once" };

    public static Option<bool> Yes() => new("--yes", "-y") { Description = "Do not ask" };

    public static T One<T>(ArgumentResult result)
        where T : struct, IParsable<T> => result.Tokens.Count == 0 ? default : Parse<T>(result, result.Tokens[0].Value);

    public static T? OneOrNone<T>(ArgumentResult result)
        where T : struct, IParsable<T> => result.Tokens.Count == 0 ? null : Parse<T>(result, result.Tokens[0].Value);

    public static T[] Many<T>(ArgumentResult result)
        where T : struct, IParsable<T> => [.. result.Tokens.Select(token => Parse<T>(result, token.Value))];

    /// <summary>A whole number within bounds; null when none is given.</summary>
    public static Func<ArgumentResult, int?> Number(int least, int most = int.MaxValue) =>
        result =>
        {
            if (result.Tokens.Count == 0)
            {
                return null;
            }

            var text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            {
                return number;
            }

            var name = result.Parent is OptionResult option ? option.Option.Name : result.Argument.Name;
            result.AddError($"{name}: '{text}' is no whole number {(most == int.MaxValue ? $"from {least} on" : $"from {least} to {most}")}");
            return null;
        };

    private static T Parse<T>(ArgumentResult result, string text)
        where T : struct, IParsable<T>
    {
        try
        {
            return T.Parse(text, null);
        }
        catch (FormatException e)
        {
            result.AddError(e.Message);
            return default;
        }
    }
}
