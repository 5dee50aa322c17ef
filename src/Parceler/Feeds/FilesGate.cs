using Parceler.Formats.Signing;
using Parceler.Storage;

namespace Parceler.Feeds;

/// <summary>
/// Whether all files that a feed names are there, as it names them. Digests tell the SHA-256 of all files; only for other hashes files are read,
/// and only those that the last snapshot did not have under the same hash.
/// </summary>
internal sealed class FilesGate(GateInput input, FeedReading reading, FeedReading? previous, GateFindings findings)
{
    private readonly FoundFeed _found = reading.Found;
    private readonly List<(FeedPackage? Package, string Path, FeedHash Hash)> _toRead = [];

    public void Run(CancellationToken cancellation)
    {
        foreach (var index in reading.Head?.Indexes ?? [])
        {
            CheckIndex(index);
        }

        foreach (var package in reading.Feed?.Packages ?? [])
        {
            cancellation.ThrowIfCancellationRequested();
            Check(package, package.Path, package.Size, package.Hash);
        }

        CheckBothReleases();
        ReadFiles(cancellation);
    }

    private void CheckIndex(FeedIndex index)
    {
        if (index.IsNeeded || input.Tree.Find(index.Path) is not null)
        {
            Check(null, index.Path, index.Size, index.Hash);
        }
        else if (WasThere(index) && !IsThereInAnyForm(index))
        {
            findings.Fault(_found, null, $"'{index.Path}' is missing, which its head names and the last snapshot had", mayWait: true);
        }

        if (index.ByHashPath is { } path && input.Tree.Find(path) is { } file && (index.Size != file.Size || index.Hash.Fits(file.Digest) == false))
        {
            findings.Fault(_found, null, $"'{path}' is not what its name says", mayWait: true);
        }
    }

    private bool WasThere(FeedIndex index) => input.Previous?.Find(index.Path) is not null;

    // a mirror that drops one way of packing loses nothing
    private bool IsThereInAnyForm(FeedIndex index)
    {
        var content = ContentOf(index.Path);
        return reading.Head!.Indexes.Any(form => ContentOf(form.Path) == content
            && (input.Tree.Find(form.Path) is not null || (form.ByHashPath is { } path && input.Tree.Find(path) is not null)));
    }

    private static string ContentOf(string path) => Path.GetExtension(path) is ".gz" or ".xz" or ".bz2" or ".zst" or ".lzma" ? path[..path.LastIndexOf('.')] : path;

    private void Check(FeedPackage? package, string path, long? size, FeedHash hash)
    {
        if (input.Tree.Find(path) is not { } file)
        {
            findings.Fault(_found, package, $"'{path}' is missing", mayWait: true);
        }
        else if (size is { } expected && expected != file.Size)
        {
            findings.Fault(_found, package, $"'{path}' has {file.Size} bytes, but the index says {expected}", mayWait: true);
        }
        else if (hash.Fits(file.Digest) is not { } fits)
        {
            _toRead.Add((package, path, hash));
        }
        else if (!fits)
        {
            Differs(package, path, hash);
        }
    }

    private void Differs(FeedPackage? package, string path, FeedHash hash) =>
        findings.Fault(_found, package, $"'{path}' is another file than the index names: its {FeedHash.NameOf(hash.Kind)} differs", mayWait: true);

    private void ReadFiles(CancellationToken cancellation)
    {
        var proven = ProvenBefore();
        var left = _toRead.FindAll(file => !proven.Contains((input.Tree.Find(file.Path)!.Value.Digest, file.Hash)));
        var fits = new bool[left.Count];
        ManyFiles.For(0, left.Count, at => fits[at] = Fits(left[at].Path, left[at].Hash), cancellation);
        for (var at = 0; at < left.Count; at++)
        {
            if (!fits[at])
            {
                Differs(left[at].Package, left[at].Path, left[at].Hash);
            }
        }
    }

    private HashSet<(Digest, FeedHash)> ProvenBefore() =>
        _toRead.Count == 0 || !input.PreviousWasChecked || input.Previous is not { } tree || previous?.Feed is not { } feed ? []
            : [.. from named in feed.Packages
                  let file = tree.Find(named.Path)
                  where file is not null
                  select (file.Value.Digest, named.Hash)];

    private bool Fits(string path, FeedHash hash)
    {
        try
        {
            using var file = input.Tree.OpenRead(path);
            return FileHash.Fits(file, hash);
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    // machines ask for InRelease first; those that don't know it must not see another state
    private void CheckBothReleases()
    {
        var release = $"{_found.Folder}Release";
        if (_found.Format != FeedFormat.Apt || !AptFeedReader.IsInline(_found.Head) || input.Tree.Find(release) is null)
        {
            return;
        }

        var files = new FeedFiles(input.Tree, FeedLimits.Default, CancellationToken.None);
        var inline = ClearsignedText.Parse(files.ReadWhole(_found.Head)).Text;
        if (!LinesOf(inline).SequenceEqual(LinesOf(files.ReadWhole(release))))
        {
            findings.Fault(_found, null, "InRelease and Release do not say the same", mayWait: true);
        }
    }

    private static IEnumerable<string> LinesOf(byte[] text) => System.Text.Encoding.UTF8.GetString(text).TrimEnd().Split('\n').Select(line => line.TrimEnd());
}
