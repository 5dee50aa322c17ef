using System.Text;
using Parceler.Feeds;
using Parceler.Storage;

namespace Parceler.Upstreams.Mirrors;

/// <summary>Finds all files of an upstream by the listing pages of its folders.</summary>
/// <param name="known">Folders that are not to be looked into.</param>
internal sealed class Crawl(MirrorRun run, IReadOnlySet<string>? known = null)
{
    private const int MostDepth = 64;
    private const int MostEntries = 5_000_000;
    private readonly Dictionary<string, string> _files = new(StringComparer.Ordinal);
    private readonly HashSet<string> _folders = new(StringComparer.Ordinal) { "" };
    private readonly Lock _gate = new();

    /// <summary>Folders that hold folders.</summary>
    public IEnumerable<string> Parents => _folders.Where(folder => folder.Length > 0).Select(folder => FeedPath.FolderOf(folder.TrimEnd('/'))).Distinct();

    /// <summary>The row of each file, by path.</summary>
    /// <exception cref="MirrorException">The root lists nothing.</exception>
    public Dictionary<string, string> Run(CancellationToken cancellation)
    {
        List<string> level = [""];
        for (var depth = 0; level.Count > 0; depth++)
        {
            if (depth > MostDepth)
            {
                throw new MirrorException($"{run.Address.Root} has folders in folders, more than {MostDepth} deep: '{level[0]}'");
            }

            var next = new List<string>();
            run.Threads.Run(level.Count, (number, _, stop) => Look(level[number], next, stop), cancellation);
            run.Progress("listing", _files.Count, 0);
            level = next;
        }

        return _files;
    }

    private void Look(string folder, List<string> next, CancellationToken cancellation)
    {
        var entries = Listing.Read(Read(folder, cancellation), folder, run.Address.Root).ToList();
        lock (_gate)
        {
            foreach (var entry in entries)
            {
                Add(entry, next);
            }
        }
    }

    private string Read(string folder, CancellationToken cancellation)
    {
        var url = folder.Length == 0 ? run.Address.Root : new Uri(run.Address.Of(folder.TrimEnd('/')).AbsoluteUri + "/");
        var page = new MemorySink();
        return run.Ask(new(url, null, default, run.Options.LargestHead), page, cancellation) is DownloadResult.Taken ? Encoding.UTF8.GetString(page.Content)
            : folder.Length == 0 ? throw new MirrorException($"{url} lists nothing: it was answered with status 404. Check the address of the upstream")
            : throw new UnsettledException($"the folder '{folder}' is listed, and can't be read");
    }

    private void Add(ListedEntry entry, List<string> next)
    {
        if (!PackagePath.IsValid(entry.Path))
        {
            throw new MirrorException($"{run.Address.Root} lists '{FeedPath.Shown(entry.Path)}', which can't be a path in a repository");
        }

        if (_files.Count + _folders.Count > MostEntries)
        {
            throw new MirrorException($"{run.Address.Root} lists more than {MostEntries} files: check the address of the upstream");
        }

        if (!entry.IsFolder)
        {
            _files.TryAdd(entry.Path, entry.Row);
        }
        else if (_folders.Add(entry.Path + "/") && known?.Contains(entry.Path + "/") != true)
        {
            next.Add(entry.Path + "/");
        }
    }
}
