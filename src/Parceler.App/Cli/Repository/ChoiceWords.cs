using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Snapshots;

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

        /// <summary>Says so when the manifest of what should be served is gone: machines get something else then, or nothing.</summary>
        public async Task WarnGoneAsync(RepositoryName name, ManifestStore manifests, CliContext context, CancellationToken cancellation)
        {
            if (choice.Snapshot is { } served && !await manifests.HasAsync(name.ToString(), served, cancellation))
            {
                context.Note($"warning: {name}: the manifest of the served snapshot {served} is gone from the storage");
            }
        }

        /// <summary>The same, and reads it whole: for one repository.</summary>
        public async Task WarnUnreadableAsync(RepositoryName name, ManifestStore manifests, CliContext context, CancellationToken cancellation)
        {
            try
            {
                await choice.WarnGoneAsync(name, manifests, context, cancellation);
                if (choice.Snapshot is { } served)
                {
                    await manifests.ReadAsync(name.ToString(), served, cancellation);
                }
            }
            catch (Exception e) when (e is CorruptManifestException or IOException or UnauthorizedAccessException)
            {
                context.Note($"warning: {name}: {e.Message}");
            }
        }
    }
}
