using System.IO.Enumeration;
using System.Runtime.CompilerServices;
using Parceler.App.Answers;
using Parceler.Repositories;
using Parceler.Snapshots;
using Parceler.Storage;

namespace Parceler.App.Cli;

/// <summary>
/// The storage disk as folders of files: <c>source/NAME/...</c>, <c>snapshots/NAME/INSTANT/...</c>, and folders of the
/// operator's own. Snapshots are manifests in truth; here each looks like the folder that it stands for.
/// </summary>
/// <param name="passOver">Is told of each damaged manifest; its files are left out.</param>
internal sealed class DiskView(DiskFolders folders, WorkFolder work, ManifestStore manifests, Action<CorruptManifestException> passOver)
{
    private const string Everything = ".";
    private static readonly EnumerationOptions s_all = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None, MaxRecursionDepth = 128 };

    /// <summary>The files below a path, or the one at it, sorted within each folder of a repository or snapshot.</summary>
    /// <exception cref="RefusedException">There is nothing of this path.</exception>
    public IAsyncEnumerable<FileEntry> ListAsync(string path, CancellationToken cancellation)
    {
        var trimmed = path.StartsWith("./", StringComparison.Ordinal) ? path[2..].Trim('/') : path.Trim('/');
        if (trimmed is "" or Everything)
        {
            return FilesAsync("source", mayBeNothing: true, cancellation).Concat(SnapshotsAsync(cancellation));
        }

        if (!PackagePath.IsValid(trimmed))
        {
            throw new RefusedException($"'{path}' is no path on the storage disk");
        }

        var segments = trimmed.Split('/', 4);
        return segments switch
        {
            ["snapshots"] => SnapshotsAsync(cancellation),
            ["snapshots", var name] => SnapshotsOfAsync(name, cancellation),
            ["snapshots", var name, var instant] => SnapshotAsync(name, instant, "", cancellation),
            ["snapshots", var name, var instant, var below] => SnapshotAsync(name, instant, below, cancellation),
            _ when StorageKeys.IsInternal(trimmed) => throw NothingAt(trimmed),
            _ => FilesAsync(trimmed, mayBeNothing: false, cancellation),
        };
    }

    private async IAsyncEnumerable<FileEntry> FilesAsync(string path, bool mayBeNothing, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var objects = await folders.ObjectsAsync(path, cancellation);
        foreach (var stored in objects)
        {
            yield return new(stored.Key, stored.Size, null);
        }

        if (!folders.MayBeOfWorkFolder(path) || !Path.Exists(work.PathOf(path)))
        {
            if (objects.Count == 0 && !mayBeNothing)
            {
                throw NothingAt(path);
            }

            yield break;
        }

        foreach (var file in RealFiles(path))
        {
            yield return file;
        }
    }

    private async IAsyncEnumerable<FileEntry> SnapshotsAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var name in await manifests.RepositoriesAsync(cancellation))
        {
            await foreach (var file in SnapshotsOfAsync(name, cancellation))
            {
                yield return file;
            }
        }
    }

    private async IAsyncEnumerable<FileEntry> SnapshotsOfAsync(string name, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var instant in await manifests.ListAsync(name, cancellation))
        {
            foreach (var file in await FilesOfAsync(name, instant, cancellation))
            {
                yield return file;
            }
        }
    }

    private async IAsyncEnumerable<FileEntry> SnapshotAsync(string name, string words, string below, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var repository = RepositoryName.TryParse(name, null, out var parsed) ? parsed : throw NothingAt($"snapshots/{name}");
        var instant = SnapshotName.Find(repository, words, await manifests.ListAsync(name, cancellation));
        var at = $"snapshots/{name}/{instant}/{below}".TrimEnd('/');
        foreach (var file in await FilesOfAsync(name, instant, cancellation))
        {
            if (file.Path == at || file.Path.StartsWith(at + "/", StringComparison.Ordinal))
            {
                yield return file;
            }
        }
    }

    private async Task<IEnumerable<FileEntry>> FilesOfAsync(string name, SnapshotInstant instant, CancellationToken cancellation)
    {
        var manifest = await ReadAsync(name, instant, cancellation);
        return manifest?.Files.Select(file => new FileEntry($"snapshots/{name}/{instant}/{file.Path}", file.Size, file.Digest.ToString())) ?? [];
    }

    private async Task<Manifest?> ReadAsync(string name, SnapshotInstant instant, CancellationToken cancellation)
    {
        try
        {
            return await manifests.ReadAsync(name, instant, cancellation);
        }
        catch (CorruptManifestException e)
        {
            passOver(e);
            return null;
        }
    }

    private IEnumerable<FileEntry> RealFiles(string path)
    {
        var real = work.PathOf(path);
        if (File.Exists(real))
        {
            return EntryOf(real) is { } entry ? [entry] : [];
        }

        return Directory.Exists(real)
            ? FilesBelow(real).Order(StringComparer.Ordinal).Select(EntryOf).OfType<FileEntry>()
            : throw NothingAt(path);
    }

    // Links to folders are followed, but no folder is listed twice: a link may lead back to where it is.
    private static FileSystemEnumerable<string> FilesBelow(string folder)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { Posix.RealPath(folder) };
        return new(folder, (ref FileSystemEntry entry) => entry.ToFullPath(), s_all)
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory,
            ShouldRecursePredicate = (ref FileSystemEntry entry) => seen.Add(Posix.RealPath(entry.ToFullPath())),
        };
    }

    private FileEntry? EntryOf(string real) =>
        Posix.Stat(real, followLink: true) is { } stat ? new(Path.GetRelativePath(work.Root, real), stat.Size, null) : null;

    private static RefusedException NothingAt(string path) =>
        new($"There is no '{path}' on the storage disk. Paths begin with source/NAME or snapshots/NAME/INSTANT; '.' is everything");
}
