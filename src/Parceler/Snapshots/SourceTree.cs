using System.IO.Enumeration;
using Parceler.Storage;

namespace Parceler.Snapshots;

/// <summary>A file of a source folder as it was seen, without reading it. <see cref="RealPath"/> is where its bytes are.</summary>
internal readonly record struct SourceFile(string Path, string RealPath, FileStat Stat);

/// <summary>
/// Looks through a source folder. Links inside the tree are followed; links that leave it, links to nothing, sockets
/// and devices are errors that name the path.
/// </summary>
internal sealed class SourceTree(string root, string sourceFolder)
{
    private const int MaxDepth = 128;

    // Links may lead anywhere below here: a source folder may link to a pool beside it.
    private string Outer => field ??= Resolve(root);

    public string Folder { get; } = Path.GetFullPath(Path.Combine(root, sourceFolder));

    /// <summary>All files, sorted by path (ordinal).</summary>
    /// <exception cref="SourceTreeException"/>
    public List<SourceFile> Look(CancellationToken cancellation)
    {
        var files = new List<SourceFile>();
        if (Posix.Stat(Folder, followLink: true) is not { Kind: FileKind.Folder })
        {
            throw new SourceTreeException(
                sourceFolder.Length == 0 ? "the command left no source folder" : $"the command left no folder '{sourceFolder}' in its source: check the source folder's name"
            );
        }

        Look(sourceFolder.Length == 0 ? Outer : Follow(Folder, sourceFolder), "", files, [], cancellation);
        files.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        return files;
    }

    private void Look(string folder, string prefix, List<SourceFile> files, List<ulong> above, CancellationToken cancellation)
    {
        if (Posix.Stat(folder, followLink: false)?.Inode is not { } inode)
        {
            return; // gone since its name was read: the next look tells whether that stays so
        }

        if (above.Contains(inode) || above.Count > MaxDepth)
        {
            throw new SourceTreeException($"'{prefix}' is a link that leads back into itself");
        }

        above.Add(inode);
        foreach (var name in Names(folder))
        {
            cancellation.ThrowIfCancellationRequested();
            Take(Path.Join(folder, name), prefix + name, files, above, cancellation);
        }

        above.RemoveAt(above.Count - 1);
    }

    private void Take(string real, string path, List<SourceFile> files, List<ulong> above, CancellationToken cancellation)
    {
        if (!PackagePath.IsValid(path))
        {
            throw new SourceTreeException($"'{path}' is no usable name: not UTF-8, a backslash, or a control character");
        }

        if (Posix.Stat(real, followLink: false) is not { } stat)
        {
            return;
        }

        if (stat.Kind == FileKind.Link)
        {
            real = Follow(real, path);
            stat = Posix.Stat(real, followLink: false) ?? throw new SourceTreeException($"'{path}' is a link to nothing");
        }

        switch (stat.Kind)
        {
            case FileKind.File:
                files.Add(new(path, real, stat));
                break;
            case FileKind.Folder:
                Look(real, path + "/", files, above, cancellation);
                break;
            default:
                throw new SourceTreeException($"'{path}' is neither a file nor a folder");
        }
    }

    private string Follow(string link, string path)
    {
        string target;
        try
        {
            target = Resolve(link);
        }
        catch (IOException)
        {
            throw new SourceTreeException($"'{path}' is a link to nothing");
        }

        return target == Outer || target.StartsWith(Outer + "/", StringComparison.Ordinal) ? target : throw new SourceTreeException($"'{path}' is a link that leaves the tree");
    }

    private static FileSystemEnumerable<string> Names(string folder) =>
        new(
            folder,
            (ref FileSystemEntry entry) => entry.FileName.ToString(),
            new EnumerationOptions { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false, ReturnSpecialDirectories = false }
        );

    // realpath(3): every link on the way is followed.
    private static string Resolve(string path) => Posix.RealPath(path);
}
