namespace Parceler.Storage.S3;

/// <summary>A bucket as storage disk: a key is the key of an object.</summary>
internal sealed class S3Disk(S3Bucket bucket) : StorageDisk
{
    public override string Advice => "are AWS_BUCKET, AWS_ENDPOINT and S3_PREFIX right?";

    public override Task<Stream?> OpenReadAsync(string key, CancellationToken cancellation) => OpenAsync(key, tag: null, cancellation);

    public override Task<Stream?> OpenReadAsync(StoredObject stored, CancellationToken cancellation) => OpenAsync(stored.Key, stored.Tag, cancellation);

    public override Task WriteAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellation) => bucket.PutAsync(key, content, cancellation);

    // By a listing: the answer to a HEAD does not tell a missing bucket from a missing object.
    public override async Task<StoredObject?> FindAsync(string key, CancellationToken cancellation)
    {
        var page = await bucket.PageAsync(key, after: null, most: 1, cancellation);
        return page.Objects is [var found] && found.Key == key ? found : null;
    }

    public override IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellation) => bucket.ListAsync(prefix, cancellation);

    private async Task<Stream?> OpenAsync(string key, string? tag, CancellationToken cancellation) =>
        await bucket.GetAsync(key, 0, tag, cancellation) is { } answer ? new S3ReadStream(bucket, key, answer) : null;

    public override Task DeleteAsync(string key, CancellationToken cancellation) => bucket.DeleteAsync([key], cancellation);

    public override async Task DeleteAllAsync(string prefix, CancellationToken cancellation)
    {
        while ((await bucket.PageAsync(prefix, after: null, S3Bucket.PageSize, cancellation)).Objects is { Count: > 0 } objects)
        {
            await bucket.DeleteAsync(objects.Select(stored => stored.Key), cancellation);
        }
    }
}
