using Parceler.Storage;
using Parceler.Upstreams.Mirrors;

namespace Parceler.Snapshots;

/// <summary>
/// Takes what stands below a prefix of the storage disk into the blob store: what a sync command wrote to the bucket itself. Each
/// object is read once, and again only when its key shows another tag, size or time; at the end everything is listed once more,
/// and what changed meanwhile is read again, until it holds still.
/// </summary>
internal sealed class ObjectIntake : SnapshotSource
{
    private const int MaxLooks = 5;
    private const int CommitEvery = 5_000; // objects staged on this machine at a time
    private readonly StorageDisk _disk;
    private readonly string _prefix;
    private readonly string _indexFile;
    private readonly Progress _progress;
    private readonly BlobIntake _intake;
    private readonly FetchThreads _threads;
    private readonly Dictionary<string, KnownObject> _known;

    /// <param name="prefix">Ends in '/'; what follows it in a key is the path.</param>
    public ObjectIntake(StorageDisk disk, BlobStore blobs, string prefix, string indexFile, Progress progress)
    {
        (_disk, _prefix, _indexFile, _progress) = (disk, prefix, indexFile, progress);
        _intake = blobs.OpenIntake();
        _threads = new(_intake, blobs.Connections);
        _known = ObjectIndex.Load(indexFile);
        _intake.Presume(_known.Values.Select(known => known.Digest));
    }

    public override long NewBlobs => _intake.NewBlobs;

    public override long NewBytes => _intake.NewBytes;

    /// <exception cref="SourceTreeException"/>
    /// <exception cref="IOException">The disk could not be listed or read.</exception>
    public override async Task<List<SnapshotFile>> TakeAsync(CancellationToken cancellation)
    {
        var seen = await LookAsync(cancellation);
        for (var look = 1; look <= MaxLooks; look++)
        {
            // It blocks its thread: one of its own, none of the web server's.
            await Task.Factory.StartNew(() => ReadAll(seen.FindAll(IsUnread), cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            var again = await LookAsync(cancellation);
            if (again.SequenceEqual(seen) && !again.Exists(IsUnread))
            {
                return Finish(seen);
            }

            seen = again;
        }

        var restless = seen.Find(IsUnread).Key;
        throw new SourceTreeException($"'{restless}' changes while it is read, {MaxLooks} times in a row: is another program writing to the source?");
    }

    public override void Reread(IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            if (_known.Remove(_prefix + path, out var known))
            {
                _intake.Forget(known.Digest);
            }
        }
    }

    public override void Dispose() => _intake.Dispose();

    private bool IsUnread(StoredObject stored) => !_known.TryGetValue(stored.Key, out var known) || known.Stored != stored;

    private async Task<List<StoredObject>> LookAsync(CancellationToken cancellation)
    {
        var found = new List<StoredObject>();
        await foreach (var stored in _disk.ListAsync(_prefix, cancellation))
        {
            if (stored is { Size: 0 } && stored.Key.EndsWith('/'))
            {
                continue; // what some programs leave for a folder
            }

            if (!PackagePath.IsValid(PathOf(stored)))
            {
                throw new SourceTreeException($"'{stored.Key}' is no usable name: empty parts, a backslash, or a control character");
            }

            found.Add(stored);
        }

        found.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
        return found;
    }

    private void ReadAll(List<StoredObject> objects, CancellationToken cancellation)
    {
        var total = objects.Sum(stored => stored.Size);
        long done = 0;
        foreach (var part in objects.Chunk(CommitEvery))
        {
            var digests = new Digest?[part.Length];
            _threads.Run(part.Length, (number, writer, stop) =>
            {
                digests[number] = Read(part[number], writer, stop);
                _progress("reading", Interlocked.Add(ref done, part[number].Size), total);
            }, cancellation);
            _intake.Commit(cancellation);
            for (var i = 0; i < part.Length; i++)
            {
                if (digests[i] is { } digest)
                {
                    _known[part[i].Key] = new(part[i], digest);
                }
            }
        }
    }

    // Null when the object is not any more the one that was listed: it will be looked at again.
    private Digest? Read(StoredObject stored, BlobWriter writer, CancellationToken cancellation)
    {
        try
        {
            using var content = _disk.OpenReadAsync(stored, cancellation).GetAwaiter().GetResult();
            if (content is null)
            {
                return null;
            }

            while (content.Read(writer.Space) is > 0 and var count)
            {
                cancellation.ThrowIfCancellationRequested();
                writer.Took(count);
            }

            if (writer.Size == stored.Size)
            {
                var digest = writer.Finish();
                writer.Keep();
                return digest;
            }
        }
        catch (ChangedObjectException)
        {
            // as if it were gone
        }

        writer.Restart();
        return null;
    }

    private List<SnapshotFile> Finish(List<StoredObject> seen)
    {
        var kept = seen.ConvertAll(stored => _known[stored.Key]);
        ObjectIndex.Save(_indexFile, kept);
        return kept.ConvertAll(known => new SnapshotFile(PathOf(known.Stored), known.Digest, known.Stored.Size, known.Stored.ModifiedAt.ToUnixTimeSeconds()));
    }

    private string PathOf(StoredObject stored) => stored.Key[_prefix.Length..];
}
