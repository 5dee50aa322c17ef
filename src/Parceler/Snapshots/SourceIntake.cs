using System.Collections.Frozen;
using Microsoft.Win32.SafeHandles;
using Parceler.Storage;

namespace Parceler.Snapshots;

/// <summary>Tells how far a long piece of work is.</summary>
internal delegate void Progress(string what, long done, long total);

/// <summary>
/// Takes a source tree into the blob store. Files that look as they did when they were last read are not read again;
/// at the end everything is looked at once more, and what changed meanwhile is read again, until the tree holds still.
/// </summary>
internal sealed class SourceIntake : IDisposable
{
    private const int MaxLooks = 5;
    private const long CommitEvery = 4L << 30; // a first sync of a large upstream is made durable in parts
    private readonly SourceTree _tree;
    private readonly string _indexFile;
    private readonly Progress _progress;
    private readonly BlobIntake _intake;
    private readonly Dictionary<string, KnownFile> _known;

    public SourceIntake(BlobStore blobs, SourceTree tree, string indexFile, Progress progress)
    {
        (_tree, _indexFile, _progress) = (tree, indexFile, progress);
        _intake = blobs.OpenIntake();
        _known = SourceIndex.Load(indexFile);
        _intake.Presume(_known.Values.Select(file => file.Digest));
    }

    /// <summary>Another state of the tree, by path: where a large file is likely to be the same, it is read without writing it.</summary>
    public IReadOnlyDictionary<string, SnapshotFile> Before { get; init; } = FrozenDictionary<string, SnapshotFile>.Empty;

    public long NewBlobs => _intake.NewBlobs;

    public long NewBytes => _intake.NewBytes;

    /// <summary>The files of the tree, sorted by path, each with its blob in the store.</summary>
    /// <exception cref="SourceTreeException"/>
    public List<SnapshotFile> Run(CancellationToken cancellation)
    {
        var seen = _tree.Look(cancellation);
        for (var look = 1; look <= MaxLooks; look++)
        {
            ReadAll(seen.FindAll(IsUnread), cancellation);
            var again = _tree.Look(cancellation);
            if (again.SequenceEqual(seen) && !again.Exists(IsUnread))
            {
                return Finish(seen);
            }

            seen = again;
        }

        var restless = seen.Find(IsUnread).Path;
        throw new SourceTreeException($"'{restless}' changes while it is read, {MaxLooks} times in a row: is another program writing to the source?");
    }

    /// <summary>Reads those files once more whose blobs are gone or damaged in the store.</summary>
    public void Reread(IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            if (_known.Remove(path, out var known))
            {
                _intake.Forget(known.Digest);
            }
        }
    }

    public void Dispose() => _intake.Dispose();

    private bool IsUnread(SourceFile file) => !_known.TryGetValue(file.Path, out var known) || known.Stat != file.Stat;

    private void ReadAll(List<SourceFile> files, CancellationToken cancellation)
    {
        var total = files.Sum(f => f.Stat.Size);
        long done = 0;
        var read = new KnownFile?[files.Count];
        foreach (var part in Parts(files))
        {
            ManyFiles.For(part.Start.Value, part.End.Value, Take, cancellation);
            _intake.Commit(cancellation);
        }

        for (var i = 0; i < files.Count; i++)
        {
            if (read[i] is { } known)
            {
                _known[files[i].Path] = known;
            }
        }

        void Take(int i)
        {
            read[i] = Read(files[i]);
            _progress("reading", Interlocked.Add(ref done, files[i].Stat.Size), total);
        }
    }

    // Null when the file was not the one that was looked at, or changed under our hands: it will be looked at again.
    private KnownFile? Read(SourceFile file)
    {
        try
        {
            using var handle = File.OpenHandle(file.RealPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (Posix.Stat(handle) != file.Stat)
            {
                return null;
            }

            var (digest, size) = IsAsBefore(file, handle) ? (Before[file.Path].Digest, file.Stat.Size) : _intake.Add(handle);
            return Posix.Stat(handle) == file.Stat && size == file.Stat.Size ? new(file.Stat, digest) : null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            throw new SourceTreeException($"'{file.Path}' may not be read by this user");
        }
    }

    private bool IsAsBefore(SourceFile file, SafeFileHandle handle) =>
        file.Stat.Size >= IntakeBuffer.Size && Before.TryGetValue(file.Path, out var before) && before.Size == file.Stat.Size && _intake.IsThere(handle, before.Digest, before.Size);

    private static IEnumerable<Range> Parts(List<SourceFile> files)
    {
        var start = 0;
        long bytes = 0;
        for (var i = 0; i < files.Count; i++)
        {
            bytes += files[i].Stat.Size;
            if (bytes >= CommitEvery || i == files.Count - 1)
            {
                yield return start..(i + 1);
                (start, bytes) = (i + 1, 0);
            }
        }
    }

    private List<SnapshotFile> Finish(List<SourceFile> seen)
    {
        var kept = new Dictionary<string, KnownFile>(seen.Count, StringComparer.Ordinal);
        var files = new List<SnapshotFile>(seen.Count);
        foreach (var file in seen)
        {
            var known = _known[file.Path];
            kept[file.Path] = known;
            files.Add(new(file.Path, known.Digest, file.Stat.Size, file.Stat.ModifySeconds));
        }

        SourceIndex.Save(_indexFile, kept);
        return files;
    }
}
