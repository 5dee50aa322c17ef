using Parceler.Feeds;
using Parceler.Storage;

namespace Parceler.Upstreams.Mirrors;

/// <summary>
/// The tree as one take of it grows: heads, indexes, packages. What was taken last time, or is in the store, is not asked for again.
/// </summary>
internal sealed class MirrorTree(MirrorRun run, Dictionary<string, KnownCopy> memory)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, KnownCopy> _tree = new(memory.Count, StringComparer.Ordinal);
    private ILookup<string, KeyValuePair<string, KnownCopy>>? _headsBefore; // by feed

    /// <summary>Everything that was taken, by path.</summary>
    public Dictionary<string, KnownCopy> Copies => _tree;

    /// <summary>Whether anything but unchanged heads was found.</summary>
    public bool HasNews { get; private set; }

    public bool Has(string path) => _tree.ContainsKey(path);

    /// <exception cref="UnsettledException">Upstream names it with two hashes.</exception>
    public bool IsThere(TreeFile file) =>
        _tree.TryGetValue(file.Path, out var there)
        && (file.Hash.Fits(there.Digest) != false || there.IsHead ? true : throw new UnsettledException($"'{file.Path}' is named with two hashes"));

    /// <summary>For the readers of feeds.</summary>
    public FeedTree ToFeedTree() => new Staged(_tree, run.Intake);

    /// <summary>Asks for heads, by condition where they are known. Those that are missing and must not be are returned.</summary>
    public List<HeadFile> FetchHeads(IReadOnlyList<HeadFile> heads, CancellationToken cancellation)
    {
        var absent = new List<HeadFile>();
        run.Threads.Run(heads.Count, FetchHead, cancellation);
        return absent;

        void FetchHead(int number, BlobWriter writer, CancellationToken stop)
        {
            var head = heads[number];
            var known = memory.TryGetValue(head.Path, out var copy) && copy.IsHead ? copy : (KnownCopy?)null;
            var result = run.Ask(new(run.Address.Of(head.Path), null, default, run.Options.LargestHead) { Known = known?.Version ?? default }, writer, stop);
            lock (_gate)
            {
                TakeHead(head, result, known, absent);
            }
        }
    }

    /// <summary>The heads of the last time that stand in folders without folders.</summary>
    public IEnumerable<string> HeadsInLeaves => memory.Where(file => file.Value is { IsHead: true, Note: KnownCopy.InLeaf }).Select(file => file.Value.Owner).Distinct();

    /// <summary>Whether all files of a feed that are read first are those of the last time, and none is missing or new.</summary>
    public bool IsUnchanged(string owner)
    {
        _headsBefore ??= memory.Where(file => file.Value.IsHead).ToLookup(file => file.Value.Owner, StringComparer.Ordinal);
        var before = _headsBefore[owner].ToList();
        return before.Count > 0
            && before.Count == _tree.Count(file => file.Value.IsHead && file.Value.Owner == owner)
            && before.TrueForAll(file => _tree.TryGetValue(file.Key, out var copy) && copy.Digest == file.Value.Digest);
    }

    /// <summary>Takes all files of a feed as they were the last time.</summary>
    public void Reuse(IReadOnlySet<string> owners)
    {
        foreach (var (path, copy) in memory)
        {
            if (owners.Contains(copy.Owner))
            {
                _tree.TryAdd(path, copy);
            }
        }
    }

    /// <summary>Takes files that indexes or listings name; of the list those stay that were downloaded.</summary>
    /// <exception cref="UnsettledException">One is missing or another.</exception>
    public void Fetch(List<TreeFile> files, CancellationToken cancellation)
    {
        MakeRoom(files.Count);
        run.Intake.Ask(files.Where(MayBeStored).Select(file => (Digest.Parse(file.Hash.Text), file.Size!.Value)), cancellation);
        LeaveNews(files, cancellation);
        Garbage.GiveBack(files.Count);
        var total = files.Sum(file => file.Size ?? 0);
        long done = 0;
        run.Threads.Run(files.Count, (number, writer, stop) =>
        {
            var size = Fetch(files[number], writer, stop);
            run.Progress("downloading", Interlocked.Add(ref done, size), total);
            run.KeepNowAndThen(stop);
        }, cancellation);
    }

    // Some for the feeds to come: each time all of it is copied.
    private void MakeRoom(int files)
    {
        if (_tree.Count + files > _tree.Capacity)
        {
            _tree.EnsureCapacity(Math.Max(_tree.Count + files, _tree.Capacity + (_tree.Capacity / 4)));
        }
    }

    // In its place: there may be a hundred thousand.
    private void LeaveNews(List<TreeFile> files, CancellationToken cancellation)
    {
        var asked = new HashSet<string>(StringComparer.Ordinal);
        files.RemoveAll(file =>
        {
            cancellation.ThrowIfCancellationRequested();
            return IsThere(file) || TryReuse(file) || !asked.Add(file.Path);
        });
    }

    /// <summary>Whether the heads that were taken are still those of upstream.</summary>
    /// <returns>One that is not, or null.</returns>
    public string? FindChanged(CancellationToken cancellation)
    {
        var heads = _tree.Where(file => file.Value.IsHead).Select(file => (file.Key, file.Value)).ToList();
        string? changed = null;
        run.Threads.Run(heads.Count, (number, writer, stop) =>
        {
            var (path, copy) = heads[number];
            var result = run.Ask(new(run.Address.Of(path), null, default, run.Options.LargestHead) { Known = copy.Version }, writer, stop);
            if (result is not DownloadResult.Unchanged && (result as DownloadResult.Taken)?.Digest != copy.Digest)
            {
                Interlocked.CompareExchange(ref changed, path, null);
            }
        }, cancellation);
        return changed;
    }

    /// <summary>All of it, sorted by path.</summary>
    public List<MirroredFile> ToFiles()
    {
        var files = new List<MirroredFile>(_tree.Count);
        foreach (var (path, copy) in _tree)
        {
            files.Add(new(path, copy.Digest, copy.Size, copy.Modified));
        }

        files.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        return files;
    }

    private void TakeHead(HeadFile head, DownloadResult result, KnownCopy? known, List<HeadFile> absent)
    {
        switch (result)
        {
            case DownloadResult.Taken taken:
                HasNews |= known?.Digest != taken.Digest;
                _tree[head.Path] = run.CopyOf(taken, NoteOf(head), head.Owner, isHead: true);
                break;
            case DownloadResult.Unchanged:
                _tree[head.Path] = known!.Value with { Owner = head.Owner, Note = NoteOf(head) };
                break;
            case DownloadResult.Differs differs:
                throw new UnsettledException($"'{head.Path}': {differs.Reason}");
            default:
                HasNews |= known is not null;
                if (!head.IsOptional)
                {
                    absent.Add(head);
                }

                break;
        }
    }

    private static string? NoteOf(HeadFile head) => head.IsInLeaf ? KnownCopy.InLeaf : null;

    private bool TryReuse(TreeFile file)
    {
        if (memory.TryGetValue(file.Path, out var known) && !known.IsHead && IsSame(file, known))
        {
            Add(file, known with { Note = file.Note, Owner = file.Owner });
            return true;
        }

        if (file.Hash.Kind != FeedHashKind.Sha256)
        {
            return false;
        }

        var digest = Digest.Parse(file.Hash.Text);
        var size = file.Size ?? 0;
        if (file.Size is null ? !run.Intake.Proves(digest, out size) : !run.Intake.Has(digest, size))
        {
            return false;
        }

        HasNews = true;
        Add(file, new(digest, size, run.Now, null, null, file.Owner, false));
        return true;
    }

    private bool MayBeStored(TreeFile file) =>
        file is { Size: not null, Hash.Kind: FeedHashKind.Sha256 } && !(memory.TryGetValue(file.Path, out var known) && !known.IsHead && IsSame(file, known));

    private static bool IsSame(TreeFile file, KnownCopy known) =>
        (file.Size is null || file.Size == known.Size)
        && (file.Row is null ? file.Hash.Kind != FeedHashKind.None && file.Hash.Fits(known.Digest) != false && file.Note == known.Note : file.IsSettled && file.Row == known.Note);

    private long Fetch(TreeFile file, BlobWriter writer, CancellationToken cancellation)
    {
        foreach (var path in file.AlsoAt is { } first ? new[] { first, file.Path } : [file.Path])
        {
            var known = KnownOf(file);
            var result = run.Ask(new(run.Address.Of(path), file.Size, file.Hash, run.Options.LargestFile) { Known = known?.Version ?? default }, writer, cancellation);
            switch (result)
            {
                case DownloadResult.Taken taken:
                    var copy = run.CopyOf(taken, file.Note, file.Owner, isHead: false);
                    AddChecked(file, file.Hash.Kind == FeedHashKind.None ? copy : copy with { Tag = "" }); // the hash tells more than a tag
                    return taken.Size;
                case DownloadResult.Unchanged:
                    AddLocked(file, known!.Value with { Note = file.Note });
                    return known.Value.Size;
                case DownloadResult.Differs differs:
                    run.Miss(file, differs.Reason);
                    return 0;
            }
        }

        if (!file.IsOptional)
        {
            run.Miss(file, "upstream does not have it");
        }

        return 0;
    }

    // Where no hash tells it, upstream is asked whether it is still the same.
    private KnownCopy? KnownOf(TreeFile file) =>
        file.Hash.Kind == FeedHashKind.None && memory.TryGetValue(file.Path, out var copy) && (file.Size is null || file.Size == copy.Size) ? copy : null;

    private void AddChecked(TreeFile file, KnownCopy copy)
    {
        if (file.Hash.Fits(copy.Digest) is null && !run.HasHash(copy.Digest, file.Hash))
        {
            run.Miss(file, $"it has not the {file.Hash} that its index names");
        }
        else
        {
            HasNews = true;
            AddLocked(file, copy);
        }
    }

    private void AddLocked(TreeFile file, KnownCopy copy)
    {
        lock (_gate)
        {
            Add(file, copy);
        }
    }

    private void Add(TreeFile file, KnownCopy copy)
    {
        _tree.TryAdd(file.Path, copy);
        if (file.AlsoAt is { } also)
        {
            _tree.TryAdd(also, copy);
        }
    }

    private sealed class Staged(Dictionary<string, KnownCopy> files, BlobIntake intake) : FeedTree
    {
        public override FeedFile? Find(string path) => files.TryGetValue(path, out var copy) ? copy.File : null;

        public override Stream OpenRead(string path) => intake.OpenRead(files[path].Digest);
    }
}
