using System.Runtime.CompilerServices;

namespace Parceler.Storage;

/// <summary>A folder as storage disk.</summary>
internal sealed class LocalDisk(WorkFolder work) : StorageDisk
{
    public override string Advice => "is its disk mounted, and STORAGE_PATH right?";

    public override bool IsWorkFolder => true;

    public string PathOf(string key) => work.PathOf(key);

    public override Task<Stream?> OpenReadAsync(string key, CancellationToken cancellation)
    {
        try
        {
            return Task.FromResult<Stream?>(new FileStream(PathOf(key), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 65536));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    }

    public override async Task WriteAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        var staged = Path.Combine(work.Staging, Path.GetRandomFileName());
        var target = PathOf(key);
        try
        {
            await using (var file = new FileStream(staged, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0))
            {
                await file.WriteAsync(content, cancellation);
                file.Flush(flushToDisk: true);
            }

            MakeFolder(Path.GetDirectoryName(target)!);
            File.Move(staged, target, overwrite: true);
            Posix.SyncFolder(Path.GetDirectoryName(target)!);
        }
        finally
        {
            File.Delete(staged);
        }
    }

    public override Task<StoredObject?> FindAsync(string key, CancellationToken cancellation) =>
        Task.FromResult(
            Posix.Stat(PathOf(key), followLink: true) is { Kind: FileKind.File } stat
                ? new StoredObject(key, stat.Size, DateTimeOffset.FromUnixTimeSeconds(stat.ModifySeconds))
                : (StoredObject?)null
        );

    public override async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var folder = PathOf(prefix);
        if (!Directory.Exists(folder))
        {
            yield break;
        }

        await Task.CompletedTask;
        var everything = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = false, AttributesToSkip = FileAttributes.None };
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", everything))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return new StoredObject(Path.GetRelativePath(work.Root, file.FullName), file.Length, file.LastWriteTimeUtc);
        }
    }

    public override Task DeleteAsync(string key, CancellationToken cancellation)
    {
        try
        {
            File.Delete(PathOf(key));
        }
        catch (DirectoryNotFoundException)
        {
            // absent: nothing to remove
        }

        return Task.CompletedTask;
    }

    public override Task DeleteAllAsync(string prefix, CancellationToken cancellation)
    {
        var folder = Path.TrimEndingDirectorySeparator(PathOf(prefix)); // of a link, only the link
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        return Task.CompletedTask;
    }

    private static void MakeFolder(string folder)
    {
        if (!Directory.Exists(folder))
        {
            MakeFolder(Path.GetDirectoryName(folder)!);
            Directory.CreateDirectory(folder);
            Posix.SyncFolder(Path.GetDirectoryName(folder)!);
        }
    }
}
