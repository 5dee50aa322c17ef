using System.Buffers;
using Parceler.Repositories;
using Parceler.Storage;

namespace Parceler.Snapshots;

/// <summary>How operators name a snapshot: its instant in any offset, a unique prefix of it, or <c>snapshots/NAME/INSTANT</c>.</summary>
internal static class SnapshotName
{
    private static readonly SearchValues<char> s_ofInstants = SearchValues.Create("-:+TZ.0123456789");

    /// <summary>Whether the words can only mean a snapshot: a year and a dash at the start, or the folder of the repository's snapshots.</summary>
    public static bool Looks(RepositoryName repository, string words)
    {
        var text = Strip(repository, words);
        return text.Length >= 4 && text.AsSpan(0, 4).IndexOfAnyExceptInRange('0', '9') < 0 && text.AsSpan(4).IndexOfAnyExcept(s_ofInstants) < 0;
    }

    /// <exception cref="AbsentException">None is meant.</exception>
    /// <exception cref="RefusedException">More than one is meant.</exception>
    public static SnapshotInstant Find(RepositoryName repository, string words, IReadOnlyList<SnapshotInstant> snapshots)
    {
        var text = Strip(repository, words);
        if (SnapshotInstant.TryParse(text, null, out var exact) && snapshots.Contains(exact))
        {
            return exact;
        }

        var meant = snapshots.Where(s => s.ToString().StartsWith(text, StringComparison.Ordinal)).ToList();
        return meant.Count switch
        {
            1 when text.Length > 0 => meant[0],
            0 => throw new AbsentException($"'{repository}' has no snapshot '{words}'. See them with: parceler repository snapshots {repository}"),
            _ => throw new RefusedException($"'{words}' is the beginning of {meant.Count} snapshots of '{repository}': {string.Join(", ", meant.Take(5))}. Write more of it"),
        };
    }

    private static string Strip(RepositoryName repository, string words)
    {
        var folder = StorageKeys.SnapshotsOf(repository.ToString());
        var text = words.Trim('/');
        text = text.StartsWith(folder, StringComparison.Ordinal) ? text[folder.Length..] : text;
        return text.EndsWith(StorageKeys.ManifestEnding, StringComparison.Ordinal) ? text[..^StorageKeys.ManifestEnding.Length] : text;
    }
}
