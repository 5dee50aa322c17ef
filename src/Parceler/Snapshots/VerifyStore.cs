using System.Collections.Concurrent;
using System.Security.Cryptography;
using Parceler.Storage;

namespace Parceler.Snapshots;

/// <summary>A blob that is not what its name says, with the files that it breaks.</summary>
internal sealed record BrokenBlob(Digest Digest, string Problem, List<BrokenFile> Files);

/// <summary>A file of a snapshot that can't be delivered.</summary>
internal sealed record BrokenFile(string Repository, SnapshotInstant Snapshot, string Path);

/// <summary>What a verification found.</summary>
internal sealed record Verification(long Blobs, long Bytes, List<BrokenBlob> Broken, List<string> DamagedManifests)
{
    public bool IsGood => Broken.Count == 0 && DamagedManifests.Count == 0;
}

/// <summary>Reads every blob that a snapshot names and compares it with its digest.</summary>
internal sealed class VerifyStore(BlobStore blobs, ManifestStore manifests)
{
    /// <param name="removeDamaged">Takes damaged blobs out of the way, so that the next sync reads their files again.</param>
    public async Task<Verification> RunAsync(bool removeDamaged, Progress progress, CancellationToken cancellation)
    {
        var damagedManifests = new List<string>();
        var sizes = await SizesAsync(damagedManifests, cancellation);
        var total = sizes.Values.Sum();
        long done = 0;
        var problems = new ConcurrentDictionary<Digest, string>();
        Parallel.ForEach(
            sizes,
            new ParallelOptions { MaxDegreeOfParallelism = blobs.Connections, CancellationToken = cancellation },
            blob =>
            {
                if (ProblemOf(blob.Key, blob.Value) is { } problem)
                {
                    problems[blob.Key] = problem;
                }

                progress("verifying", Interlocked.Add(ref done, blob.Value), total);
            }
        );
        var broken = await NameFilesAsync(problems, cancellation);
        if (removeDamaged)
        {
            await blobs.DeleteAsync([.. problems.Keys], DateTimeOffset.MaxValue, cancellation);
        }

        return new(sizes.Count, total, broken, damagedManifests);
    }

    private string? ProblemOf(Digest digest, long size)
    {
        try
        {
            using var file = blobs.OpenRead(digest);
            return file.Length != size ? $"damaged: {file.Length} bytes instead of {size}"
                : new Digest(SHA256.HashData(file)) != digest ? "damaged: its bytes have another digest"
                : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return "missing";
        }
        catch (IOException e)
        {
            return $"unreadable: {e.Message}";
        }
    }

    private async Task<Dictionary<Digest, long>> SizesAsync(List<string> damaged, CancellationToken cancellation)
    {
        var sizes = new Dictionary<Digest, long>();
        await foreach (var manifest in ReadAllAsync(damaged, cancellation))
        {
            foreach (var file in manifest.Files)
            {
                sizes[file.Digest] = file.Size;
            }
        }

        return sizes;
    }

    private async Task<List<BrokenBlob>> NameFilesAsync(ConcurrentDictionary<Digest, string> problems, CancellationToken cancellation)
    {
        var broken = problems.ToDictionary(p => p.Key, p => new BrokenBlob(p.Key, p.Value, []));
        if (broken.Count > 0)
        {
            await foreach (var manifest in ReadAllAsync([], cancellation))
            {
                foreach (var file in manifest.Files.Where(file => broken.ContainsKey(file.Digest)))
                {
                    broken[file.Digest].Files.Add(new(manifest.Header.Repository, manifest.Header.Instant, file.Path));
                }
            }
        }

        return [.. broken.Values.OrderBy(b => b.Digest.ToString(), StringComparer.Ordinal)];
    }

    private async IAsyncEnumerable<Manifest> ReadAllAsync(
        List<string> damaged,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation
    )
    {
        foreach (var repository in await manifests.RepositoriesAsync(cancellation))
        {
            foreach (var instant in await manifests.ListAsync(repository, cancellation))
            {
                Manifest? manifest = null;
                try
                {
                    manifest = await manifests.ReadAsync(repository, instant, cancellation);
                }
                catch (CorruptManifestException e)
                {
                    damaged.Add(e.Message);
                }

                if (manifest is not null)
                {
                    yield return manifest;
                }
            }
        }
    }
}
