using Parceler.Repositories;
using Parceler.Snapshots;
using Parceler.Storage;

namespace Parceler.Imports;

/// <summary>How many files a folder holds, and how many bytes.</summary>
internal readonly record struct FolderSize(long Files, long Bytes);

/// <summary>The storage disk of the program that Parceler replaces. It is only ever read.</summary>
internal abstract class LaravelStorage : IDisposable
{
    protected const string Snapshots = "snapshots";

    /// <summary>Whether it is a bucket: there commands wrote to the bucket themselves.</summary>
    public abstract bool IsBucket { get; }

    /// <summary>The names of the folders in <c>snapshots</c>.</summary>
    public abstract Task<List<string>> RepositoriesAsync(CancellationToken cancellation);

    /// <summary>The names of the folders in <c>snapshots/NAME</c>.</summary>
    public abstract Task<List<string>> FoldersAsync(string repository, CancellationToken cancellation);

    /// <summary>Looks at a folder without reading its files; null when there is none.</summary>
    /// <exception cref="SourceTreeException"/>
    public abstract Task<FolderSize?> MeasureAsync(string path, CancellationToken cancellation);

    /// <summary>A folder, ready to be taken in.</summary>
    /// <param name="memory">The file that remembers what was read.</param>
    /// <param name="before">Another state of it, by path.</param>
    public abstract SnapshotSource Open(string path, BlobStore blobs, string memory, IReadOnlyDictionary<string, SnapshotFile> before, Progress progress);

    public static string PathOf(string repository, string folder) => $"{Snapshots}/{repository}/{folder}";

    public virtual void Dispose() { }
}

/// <summary>A folder of this machine.</summary>
internal sealed class LaravelFolder : LaravelStorage
{
    private static readonly string[] s_inside = ["app/private", "app", "storage/app/private", "storage/app"];
    private readonly string _root;

    /// <param name="own">The storage of Parceler itself, which is another one.</param>
    /// <exception cref="RefusedException"/>
    public LaravelFolder(string root, string own)
    {
        _root = Path.GetFullPath(root);
        if (!Directory.Exists(Path.Combine(_root, Snapshots)))
        {
            var inside = Array.Find(s_inside, folder => Directory.Exists(Path.Combine(_root, folder, Snapshots)));
            throw new RefusedException($"'{_root}' has no folder '{Snapshots}'{(inside is null ? "" : $", but '{Path.Combine(_root, inside)}' has: name that one")}");
        }

        if (IsWithin(own, _root) && IsWithin(_root, own))
        {
            throw new RefusedException($"'{_root}' is STORAGE_PATH itself: Parceler takes snapshots over into a folder of its own and leaves that one as it is");
        }
    }

    public override bool IsBucket => false;

    public override Task<List<string>> RepositoriesAsync(CancellationToken cancellation) => Task.FromResult(NamesIn(Snapshots));

    public override Task<List<string>> FoldersAsync(string repository, CancellationToken cancellation) => Task.FromResult(NamesIn($"{Snapshots}/{repository}"));

    public override Task<FolderSize?> MeasureAsync(string path, CancellationToken cancellation)
    {
        if (!Directory.Exists(Path.Combine(_root, path)))
        {
            return Task.FromResult<FolderSize?>(null);
        }

        var files = new SourceTree(Path.Combine(_root, path), "").Look(cancellation);
        return Task.FromResult<FolderSize?>(new(files.Count, files.Sum(file => file.Stat.Size)));
    }

    public override SnapshotSource Open(string path, BlobStore blobs, string memory, IReadOnlyDictionary<string, SnapshotFile> before, Progress progress) =>
        new FolderSource(new(blobs, new SourceTree(Path.Combine(_root, path), ""), memory, progress) { Before = before });

    private List<string> NamesIn(string path)
    {
        var folder = new DirectoryInfo(Path.Combine(_root, path));
        return folder.Exists ? [.. folder.EnumerateDirectories().Select(inner => inner.Name).Order(StringComparer.Ordinal)] : [];
    }

    private static bool IsWithin(string one, string other) => (Path.GetFullPath(one) + "/").StartsWith(Path.GetFullPath(other).TrimEnd('/') + "/", StringComparison.Ordinal);
}
