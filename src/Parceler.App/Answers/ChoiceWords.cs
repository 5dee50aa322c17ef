using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Snapshots;

namespace Parceler.App.Answers;

/// <summary>What is served, in words.</summary>
internal static class ChoiceWords
{
    extension(ServedChoice choice)
    {
        public string InWords => choice.Snapshot is { } snapshot ? $"machines get {snapshot} ({choice.Text})" : "there is no snapshot for machines yet";

        /// <summary>Every listing says so when something is wrong with what is served; beside the results, so that JSON stays JSON.</summary>
        public void Warn(RepositoryName name, Action<string> warn)
        {
            if (choice.Warning is { } warning)
            {
                warn($"{name}: {warning}");
            }
        }

        /// <summary>Says so when the manifest of what should be served is gone: machines get something else then, or nothing.</summary>
        public async Task WarnGoneAsync(RepositoryName name, ManifestStore manifests, Action<string> warn, CancellationToken cancellation)
        {
            if (choice.Snapshot is { } served && !await manifests.HasAsync(name.ToString(), served, cancellation))
            {
                warn($"{name}: the manifest of the served snapshot {served} is gone from the storage");
            }
        }

        /// <summary>The same, and reads it whole: for one repository.</summary>
        public async Task WarnUnreadableAsync(RepositoryName name, ManifestStore manifests, Action<string> warn, CancellationToken cancellation)
        {
            try
            {
                await choice.WarnGoneAsync(name, manifests, warn, cancellation);
                if (choice.Snapshot is { } served)
                {
                    await manifests.ReadAsync(name.ToString(), served, cancellation);
                }
            }
            catch (Exception e) when (e is CorruptManifestException or IOException or UnauthorizedAccessException)
            {
                warn($"{name}: {e.Message}");
            }
        }
    }
}
