using Parceler.Releases;
using Parceler.Repositories;

namespace Parceler.App.Cli;

internal static class ChoiceWarning
{
    /// <summary>Every listing says so when something is wrong with what is served; beside the data, so that JSON stays JSON.</summary>
    public static void WarnOf(this ServedChoice choice, RepositoryName name, CliContext context)
    {
        if (choice.Warning is { } warning)
        {
            context.Note($"warning: {name}: {warning}");
        }
    }
}
