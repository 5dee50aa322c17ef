using System.Net;
using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;

namespace Parceler.Storage.S3;

/// <summary>Objects as one page of a listing shows them, in the order of their keys.</summary>
internal sealed record S3Page(List<StoredObject> Objects, bool IsLast);

/// <summary>
/// One bucket, with the few requests that are needed of it. Keys are those of the storage: what <c>S3_PREFIX</c> puts before them
/// is known here alone. Requests are tried again, with growing waits, by the client; what fails then is an <see cref="S3Exception"/>.
/// </summary>
internal sealed class S3Bucket(IAmazonS3 client, S3Settings settings) : IDisposable
{
    private readonly Lazy<S3Signer> _signer = new(() => new(settings));
    public const int PageSize = 1000; // what stores give and take at most

    public S3Settings Settings => settings;

    public string Name => settings.Bucket;

    /// <summary>The object as it is now, or from an offset on; null when there is none.</summary>
    /// <param name="tag">Only if this is still its tag.</param>
    /// <exception cref="ChangedObjectException">It is another one now.</exception>
    public Task<GetObjectResponse?> GetAsync(string key, long offset, string? tag, CancellationToken cancellation) =>
        GuardAsync<GetObjectResponse?>(key, "read", async () =>
        {
            try
            {
                // Always as a part: of a whole object the client takes the MD5, which is slower than all the rest.
                var request = new GetObjectRequest { BucketName = Name, Key = settings.Prefix + key, EtagToMatch = tag, ByteRange = new($"bytes={offset}-") };
                return await client.GetObjectAsync(request, cancellation);
            }
            catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && offset == 0)
            {
                return await client.GetObjectAsync(new GetObjectRequest { BucketName = Name, Key = settings.Prefix + key, EtagToMatch = tag }, cancellation); // it is empty
            }
            catch (AmazonS3Exception e) when (S3Exception.IsAbsent(e))
            {
                return null;
            }
            catch (AmazonS3Exception e) when (S3Exception.IsRefusedByCondition(e))
            {
                throw new ChangedObjectException(key);
            }
        }, cancellation);

    /// <summary>Replaces what was there.</summary>
    public Task PutAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellation) =>
        GuardAsync(key, "written", async () =>
        {
            using var body = new MemoryStream(content.ToArray());
            return Stored(await client.PutObjectAsync(Secured(new() { BucketName = Name, Key = settings.Prefix + key, InputStream = body }), cancellation));
        }, cancellation);

    /// <summary>Size and time of an object; null when there is none, or no bucket.</summary>
    public Task<StoredObject?> HeadAsync(string key, CancellationToken cancellation) =>
        GuardAsync<StoredObject?>(key, "looked at", async () =>
        {
            try
            {
                var found = await client.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = Name, Key = settings.Prefix + key }, cancellation);
                return new StoredObject(key, found.ContentLength, found.LastModified ?? default, found.ETag);
            }
            catch (AmazonS3Exception e) when (S3Exception.IsAbsent(e))
            {
                return null;
            }
        }, cancellation);

    /// <summary>All objects below a prefix, page after page.</summary>
    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        string? after = null;
        while (true)
        {
            var page = await PageAsync(prefix, after, PageSize, cancellation);
            foreach (var stored in page.Objects)
            {
                yield return stored;
            }

            if (page.IsLast)
            {
                yield break;
            }

            after = page.Objects[^1].Key;
        }
    }

    /// <summary>The objects below a prefix that come after a key, as many as one answer holds.</summary>
    /// <exception cref="S3Exception">Also when the answer is not what a listing has to be: it must not be taken for an empty one.</exception>
    public Task<S3Page> PageAsync(string prefix, string? after, int most, CancellationToken cancellation) =>
        GuardAsync(prefix, "listed", async () =>
        {
            var answer = await client.ListObjectsV2Async(
                new() { BucketName = Name, Prefix = settings.Prefix + prefix, StartAfter = after is null ? null : settings.Prefix + after, MaxKeys = most },
                cancellation
            );
            return Checked(answer, prefix, after);
        }, cancellation);

    /// <summary>Removes objects, a thousand with one request.</summary>
    public async Task DeleteAsync(IEnumerable<string> keys, CancellationToken cancellation)
    {
        foreach (var part in keys.Chunk(PageSize))
        {
            await GuardAsync(part[0], "deleted", async () =>
            {
                var answer = await client.DeleteObjectsAsync(
                    new() { BucketName = Name, Quiet = true, Objects = [.. part.Select(key => new KeyVersion { Key = settings.Prefix + key })] },
                    cancellation
                );
                return answer.DeleteErrors is [var first, ..] ? throw new IOException($"the store refused '{first.Key}' and {answer.DeleteErrors.Count - 1} more: {first.Code}") : answer;
            }, cancellation);
        }
    }

    /// <summary>An address at which anybody may read the object for some time. Made here: the store is not asked.</summary>
    public string SignedUrlOf(string key, string contentType, TimeSpan life) => _signer.Value.UrlOf(settings.Prefix + key, contentType, life);

    public void Dispose()
    {
        client.Dispose();
        if (_signer.IsValueCreated)
        {
            _signer.Value.Dispose();
        }
    }

    public Task<T> GuardAsync<T>(string key, string what, Func<Task<T>> work, CancellationToken cancellation) =>
        S3Exception.GuardAsync(Name, settings.Prefix + key, what, work, cancellation);

    // An answer without it comes from something else between here and the store.
    public static PutObjectResponse Stored(PutObjectResponse answer) => answer.ETag is { Length: > 0 } ? answer : throw new IOException("the answer is not that of a store");

    private PutObjectRequest Secured(PutObjectRequest request)
    {
        request.UseChunkEncoding = settings.Checksums != S3Checksums.Unchunked;
        return request;
    }

    // An answer of something between here and the store, or one that was cut, may look like a listing of nothing.
    private S3Page Checked(ListObjectsV2Response answer, string prefix, string? after)
    {
        if (answer.IsTruncated is not { } more || answer.Name != Name || (more && answer.S3Objects is not { Count: > 0 }))
        {
            throw new IOException("the answer is no whole listing");
        }

        var objects = new List<StoredObject>(answer.S3Objects?.Count ?? 0);
        var last = settings.Prefix + after;
        foreach (var found in answer.S3Objects ?? [])
        {
            if (!found.Key.StartsWith(settings.Prefix + prefix, StringComparison.Ordinal) || Compare(found.Key, last) <= 0)
            {
                throw new IOException("the listing is not in the order of its keys");
            }

            last = found.Key;
            objects.Add(new(found.Key[settings.Prefix.Length..], found.Size ?? 0, found.LastModified ?? default, found.ETag));
        }

        return new(objects, !more);
    }

    // By the bytes of UTF-8, as stores do it: what takes two characters here comes last there.
    private static int Compare(string one, string other)
    {
        var at = one.AsSpan().CommonPrefixLength(other);
        return at == one.Length || at == other.Length ? one.Length - other.Length
            : char.IsSurrogate(one[at]) != char.IsSurrogate(other[at]) ? (char.IsSurrogate(one[at]) ? 1 : -1)
            : one[at] - other[at];
    }
}
