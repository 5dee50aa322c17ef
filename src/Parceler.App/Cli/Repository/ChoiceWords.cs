using Parceler.Releases;
using Parceler.Repositories;

namespace Parceler.App.Cli;

/// <summary>What is served, in words.</summary>
internal static class ChoiceWords
{
    extension(ServedChoice choice)
    {
        public string InWords => choice.Snapshot is { } snapshot ? $"machines get {snapshot} ({choice.Text})" : "there is no snapshot for machines yet";

        /// <summary>Every listing says so when something is wrong with what is served; beside the results, so that JSON stays JSON.</summary>
        public void Warn(RepositoryName name, CliContext context)
        {
            if (choice.Warning is { } warning)
            {
                context.Note($"warning: {name}: {warning}");
            }
        }
    }
}
