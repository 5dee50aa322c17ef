using Microsoft.Win32.SafeHandles;
using Parceler.Storage;

namespace Parceler.Delivery;

/// <summary>
/// A folder of whole blobs, named by their digests, within a limit: what was used longest ago goes first. Nothing is flushed to the disk;
/// after a start of the machine the folder is emptied, since a power cut may have left names without their bytes.
/// </summary>
internal sealed class CachedFiles(string folder, long most)
{
    private const string BootIdentity = "/proc/sys/kernel/random/boot_id";
    private const string Coming = "coming-";
    private readonly Lock _gate = new();
    private readonly Dictionary<Digest, LinkedListNode<(Digest Digest, long Size)>> _known = [];
    private readonly LinkedList<(Digest Digest, long Size)> _order = new(); // the one used last is last
    private long _bytes;

    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Takes over what an earlier process of this machine left.</summary>
    /// <returns>How many files were dropped since they are of before the machine's last start.</returns>
    public int Load()
    {
        Directory.CreateDirectory(folder);
        var (boot, mark) = (File.Exists(BootIdentity) ? File.ReadAllText(BootIdentity).Trim() : "", Path.Combine(folder, "boot"));
        var isOfBefore = !File.Exists(mark) || File.ReadAllText(mark) != boot;
        var files = new DirectoryInfo(folder).GetFiles().Where(file => file.FullName != mark).OrderBy(file => file.LastWriteTimeUtc).ToList();
        foreach (var file in files)
        {
            if (isOfBefore || !Digest.TryParse(file.Name, null, out var digest))
            {
                DropAbandoned(file, isOfBefore);
            }
            else
            {
                Add(digest, file.Length);
            }
        }

        File.WriteAllText(mark, boot);
        MakeRoom();
        return isOfBefore ? files.Count : 0;
    }

    public string NewPath() => Path.Combine(folder, Coming + Path.GetRandomFileName());

    public bool Has(Digest digest)
    {
        lock (_gate)
        {
            return _known.ContainsKey(digest);
        }
    }

    public SafeFileHandle? TryOpen(Digest digest, long size)
    {
        lock (_gate)
        {
            if (!_known.TryGetValue(digest, out var node))
            {
                return null;
            }

            _order.Remove(node);
            _order.AddLast(node);
        }

        try
        {
            var file = File.OpenHandle(PathOf(digest), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (RandomAccess.GetLength(file) == size)
            {
                return file;
            }

            file.Dispose();
        }
        catch (FileNotFoundException)
        {
            // somebody tidied up
        }

        Drop(digest);
        return null;
    }

    /// <summary>Makes a proven file one of the folder's, or removes it where it has no room.</summary>
    public void Keep(string path, Digest digest, long size)
    {
        if (size > most)
        {
            File.Delete(path);
            return;
        }

        File.Move(path, PathOf(digest), overwrite: true);
        Add(digest, size);
        MakeRoom();
    }

    public void Drop(Digest digest)
    {
        lock (_gate)
        {
            if (_known.Remove(digest, out var node))
            {
                _order.Remove(node);
                _bytes -= node.Value.Size;
            }
        }

        File.Delete(PathOf(digest));
    }

    // Another process of this machine may be about to fill it.
    private static void DropAbandoned(FileInfo file, bool isOfBefore)
    {
        if (isOfBefore || file.LastWriteTimeUtc < TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-1))
        {
            file.Delete();
        }
    }

    private void Add(Digest digest, long size)
    {
        lock (_gate)
        {
            if (!_known.ContainsKey(digest))
            {
                _known.Add(digest, _order.AddLast((digest, size)));
                _bytes += size;
            }
        }
    }

    private void MakeRoom()
    {
        while (Bytes > most && Oldest() is { } oldest)
        {
            Drop(oldest);
        }
    }

    private Digest? Oldest()
    {
        lock (_gate)
        {
            return _order.First?.Value.Digest;
        }
    }

    private string PathOf(Digest digest) => Path.Combine(folder, digest.ToString());
}
