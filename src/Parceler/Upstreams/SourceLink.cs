using Parceler.Storage;

namespace Parceler.Upstreams;

/// <summary>
/// The link <c>source/NAME</c> in a command's work folder that leads to the repository's source folder: the command may
/// say <c>source/NAME</c>, and what it deletes around it is not the storage.
/// </summary>
internal sealed class SourceLink(CommandRun run)
{
    private readonly string _folder = Path.Combine(run.WorkFolder, "source");
    private readonly string _link = Path.Combine(run.WorkFolder, "source", run.Repository.ToString());
    private readonly string _replaced = Path.TrimEndingDirectorySeparator(run.WorkFolder) + ".replaced";

    /// <summary>Makes the link, in place of whatever an earlier run left there.</summary>
    public void Make()
    {
        Restore();
        Directory.CreateDirectory(run.SourceFolder);
        if (Posix.Stat(_folder, followLink: false) is { Kind: not FileKind.Folder })
        {
            File.Delete(_folder);
        }

        Directory.CreateDirectory(_folder);
        Remove(_link);
        Directory.CreateSymbolicLink(_link, run.SourceFolder);
    }

    /// <summary>After a command that completed: a folder that it made in place of the link becomes the source.</summary>
    /// <exception cref="IOException">It made something else there, so what it wrote is not in the source.</exception>
    public void Adopt()
    {
        if (Posix.Stat(_link, followLink: false) is not { } there || IsLinkToSource(there))
        {
            return; // removed at most: then the command wrote to PARCELER_SOURCE
        }

        if (there.Kind != FileKind.Folder || Posix.Stat(_folder, followLink: false) is not { Kind: FileKind.Folder })
        {
            throw new IOException($"The command left something else than a folder at source/{run.Repository}: nothing was taken from it");
        }

        try
        {
            TakeOver();
        }
        catch (IOException e)
        {
            throw new IOException($"The folder at source/{run.Repository} can't take the place of {run.SourceFolder}: {e.Message}", e);
        }
    }

    // The source may be a link of the operator's to a larger disk: what it leads to is replaced, not the link.
    private void TakeOver()
    {
        var source = Posix.RealPath(run.SourceFolder);
        Directory.Move(source, _replaced);
        Directory.Move(_link, source);
        Remove(_replaced);
    }

    // A crash in the middle of taking over leaves the source here.
    private void Restore()
    {
        if (Directory.Exists(_replaced) && !Directory.Exists(run.SourceFolder))
        {
            Directory.Move(_replaced, run.SourceFolder);
        }

        Remove(_replaced);
    }

    private bool IsLinkToSource(FileStat there) =>
        there.Kind == FileKind.Link
        && Posix.Stat(_link, followLink: true) is { } target
        && Posix.Stat(run.SourceFolder, followLink: true) is { } source
        && (target.Inode, target.Device) == (source.Inode, source.Device);

    private static void Remove(string path)
    {
        switch (Posix.Stat(path, followLink: false))
        {
            case { Kind: FileKind.Folder }:
                Directory.Delete(path, recursive: true); // removes links in it, never what they lead to
                break;
            case not null:
                File.Delete(path);
                break;
        }
    }
}
