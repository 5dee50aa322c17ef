using System.Runtime.CompilerServices;
using Parceler.Database;

namespace Parceler.Storage.S3;

/// <summary>
/// Blobs as objects of a bucket. Nothing keeps the collector from a blob that a running sync counts on: the commit finds it missing,
/// under the lock that excludes the collector, and the sync reads it again (docs/decisions/0019-storage-on-s3.md).
/// </summary>
internal sealed class S3Blobs(ParcelerDb db, S3Bucket bucket, S3Upload upload, WorkFolder work) : BlobStore(db, work)
{
    private const int ReadAtOnce = 64 << 10;
    private readonly S3Presence _presence = new(bucket);

    public override int Connections => bucket.Settings.Connections;

    public override bool IsCheapToAsk => false;

    public override string? LocalPathOf(Digest digest) => null;

    public override Stream OpenRead(Digest digest) => new BufferedStream(OpenReadAsync(digest, CancellationToken.None).GetAwaiter().GetResult(), ReadAtOnce);

    public override async Task<Stream> OpenReadAsync(Digest digest, CancellationToken cancellation)
    {
        var key = StorageKeys.Blob(digest);
        return await bucket.GetAsync(key, 0, tag: null, cancellation) is { } answer
            ? new S3ReadStream(bucket, key, answer)
            : throw new FileNotFoundException($"The blob {digest} is missing from the bucket '{bucket.Name}'");
    }

    public override string SignedUrlOf(Digest digest, string contentType, TimeSpan life) => bucket.SignedUrlOf(StorageKeys.Blob(digest), contentType, life);

    public override bool Has(Digest digest, long size) =>
        bucket.HeadAsync(StorageKeys.Blob(digest), CancellationToken.None).GetAwaiter().GetResult() is { } found && found.Size == size;

    public override Task<HashSet<Digest>> MissingAsync(IReadOnlyCollection<(Digest Digest, long Size)> blobs, CancellationToken cancellation)
    {
        var sorted = blobs.DistinctBy(blob => blob.Digest).ToArray();
        Array.Sort(sorted, (a, b) => a.Digest.AsSpan().SequenceCompareTo(b.Digest.AsSpan()));
        return _presence.MissingAsync(sorted, cancellation);
    }

    public override async IAsyncEnumerable<StoredBlob> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var stored in bucket.ListAsync(StorageKeys.Blobs, cancellation))
        {
            if (Digest.TryParse(Path.GetFileName(stored.Key), null, out var digest))
            {
                yield return new(digest, stored.Size, stored.ModifiedAt);
            }
        }
    }

    public override async Task<IReadOnlyCollection<Digest>> DeleteAsync(IReadOnlyCollection<Digest> digests, DateTimeOffset since, CancellationToken cancellation)
    {
        await bucket.DeleteAsync(digests.Select(StorageKeys.Blob), cancellation);
        return digests;
    }

    internal override bool Reuse(Digest digest, long size) => Has(digest, size);

    internal override void Store(IReadOnlyList<StagedBlob> staged, Action<StagedBlob, bool> stored, CancellationToken cancellation)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = Connections, CancellationToken = cancellation };
        Parallel
            .ForEachAsync(staged, options, async (blob, stop) =>
            {
                stored(blob, await upload.PutNewAsync(blob, stop));
                File.Delete(blob.Path);
            })
            .GetAwaiter()
            .GetResult();
    }
}
