using System.Net;
using Amazon.S3;
using Amazon.S3.Model;

namespace Parceler.Storage.S3;

/// <summary>
/// Sends staged files to the bucket, each under a key that nothing else is ever stored under. Two that send the same at once do no
/// harm: the store takes one of them, or the same bytes twice.
/// </summary>
internal sealed class S3Upload(IAmazonS3 client, S3Bucket bucket)
{
    private const int MostParts = 10_000;
    private const int MostTries = 3;
    private S3Settings Settings => bucket.Settings;

    /// <returns>Whether it is new; else the store had it in its full size.</returns>
    public Task<bool> PutNewAsync(StagedBlob blob, CancellationToken cancellation)
    {
        var key = StorageKeys.Blob(blob.Digest);
        return bucket.GuardAsync(key, "written", () => blob.Size > Settings.PartSize ? PutLargeAsync(key, blob, cancellation) : PutSmallAsync(key, blob, cancellation), cancellation);
    }

    private async Task<bool> PutSmallAsync(string key, StagedBlob blob, CancellationToken cancellation)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                S3Bucket.Stored(await client.PutObjectAsync(RequestOf(key, blob, isConditional: true), cancellation));
                return true;
            }
            catch (AmazonS3Exception e) when (IsTaken(e) && tries < MostTries)
            {
                if (await IsThereAsync(key, blob, cancellation))
                {
                    return false;
                }

                if (S3Exception.IsRefusedByCondition(e))
                {
                    S3Bucket.Stored(await client.PutObjectAsync(RequestOf(key, blob, isConditional: false), cancellation)); // a damaged one is replaced
                    return true;
                }
            }
        }
    }

    // The bytes are known by their digest: the store compares what arrives with it.
    private PutObjectRequest RequestOf(string key, StagedBlob blob, bool isConditional)
    {
        var request = new PutObjectRequest
        {
            BucketName = bucket.Name,
            Key = Settings.Prefix + key,
            FilePath = blob.Path,
            ContentType = "application/octet-stream",
            UseChunkEncoding = Settings.Checksums != S3Checksums.Unchunked,
            IfNoneMatch = isConditional ? "*" : null,
        };
        if (Settings.Checksums == S3Checksums.Default)
        {
            request.ChecksumAlgorithm = ChecksumAlgorithm.SHA256;
            request.ChecksumSHA256 = Convert.ToBase64String(blob.Digest.AsSpan());
        }

        return request;
    }

    private async Task<bool> PutLargeAsync(string key, StagedBlob blob, CancellationToken cancellation)
    {
        if (await IsThereAsync(key, blob, cancellation))
        {
            return false;
        }

        var started = await client.InitiateMultipartUploadAsync(
            new InitiateMultipartUploadRequest { BucketName = bucket.Name, Key = Settings.Prefix + key, ContentType = "application/octet-stream" },
            cancellation
        );
        try
        {
            var parts = await SendPartsAsync(key, blob, started.UploadId, cancellation);
            await CompleteAsync(key, blob, started.UploadId, parts, cancellation);
        }
        catch
        {
            await AbortAsync(key, started.UploadId);
            throw;
        }

        return true;
    }

    private async Task<List<PartETag>> SendPartsAsync(string key, StagedBlob blob, string upload, CancellationToken cancellation)
    {
        var size = Math.Max(Settings.PartSize, (blob.Size + MostParts - 1) / MostParts);
        var parts = new PartETag[(blob.Size + size - 1) / size];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Math.Min(4, Settings.Connections), CancellationToken = cancellation };
        await Parallel.ForAsync(0, parts.Length, options, async (number, stop) =>
        {
            var answer = await client.UploadPartAsync(
                new()
                {
                    BucketName = bucket.Name,
                    Key = Settings.Prefix + key,
                    UploadId = upload,
                    PartNumber = number + 1,
                    FilePath = blob.Path,
                    FilePosition = number * size,
                    PartSize = Math.Min(size, blob.Size - (number * size)),
                    UseChunkEncoding = Settings.Checksums != S3Checksums.Unchunked,
                },
                stop
            );
            parts[number] = new PartETag(answer) { ETag = answer.ETag, PartNumber = number + 1 };
        });
        return [.. parts];
    }

    private async Task CompleteAsync(string key, StagedBlob blob, string upload, List<PartETag> parts, CancellationToken cancellation)
    {
        try
        {
            await client.CompleteMultipartUploadAsync(new() { BucketName = bucket.Name, Key = Settings.Prefix + key, UploadId = upload, PartETags = parts }, cancellation);
        }
        catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchUpload")
        {
            // an earlier try may have completed it, and only its answer was lost
        }

        if (!await IsThereAsync(key, blob, cancellation))
        {
            throw new IOException("the store put its parts together wrongly");
        }
    }

    private async Task<bool> IsThereAsync(string key, StagedBlob blob, CancellationToken cancellation) =>
        await bucket.HeadAsync(key, cancellation) is { } found && found.Size == blob.Size;

    // Parts that stay cost money, and only the bucket's owner sees them.
    private async Task AbortAsync(string key, string upload)
    {
        try
        {
            await client.AbortMultipartUploadAsync(new() { BucketName = bucket.Name, Key = Settings.Prefix + key, UploadId = upload }, CancellationToken.None);
        }
        catch (Exception e) when (S3Exception.IsOfStore(e))
        {
            // the first failure is the one to tell
        }
    }

    private static bool IsTaken(AmazonS3Exception e) => S3Exception.IsRefusedByCondition(e) || (e.StatusCode == HttpStatusCode.Conflict && e.ErrorCode == "ConditionalRequestConflict");
}
