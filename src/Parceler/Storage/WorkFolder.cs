namespace Parceler.Storage;

/// <summary>
/// The folder of this machine in which work is done, whatever disk the storage is: <c>staging/</c> for bytes in the making,
/// <c>work/</c> for running jobs, <c>source/NAME</c> for what sync commands write. A local disk has its keys in the same folder, so
/// that a rename is the commit.
/// </summary>
internal sealed class WorkFolder
{
    public WorkFolder(string root)
    {
        Root = Path.GetFullPath(root);
        Directory.CreateDirectory(Root);
        Directory.CreateDirectory(Staging);
    }

    public string Root { get; }

    public string Staging => Path.Combine(Root, "staging");

    /// <summary>Folders of running jobs, and what they remember.</summary>
    public string Jobs => Path.Combine(Root, "work");

    public string PathOf(string path) => Path.Combine(Root, path);

    /// <summary>What the sync command of a repository fills.</summary>
    public string SourceOf(string repository) => PathOf(StorageKeys.Source(repository));
}
