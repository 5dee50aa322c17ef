using System.Net;
using System.Xml;
using Amazon.Runtime;

namespace Parceler.Storage.S3;

/// <summary>The store did not do what it was asked, after all tries. Names bucket and key, never a secret.</summary>
internal sealed class S3Exception(string message, Exception cause) : IOException(message, cause)
{
    /// <summary>Does one thing with a key of a bucket.</summary>
    /// <param name="what">What is done, for the message: "read".</param>
    /// <exception cref="S3Exception"/>
    /// <exception cref="NoStoreException">The bucket is gone.</exception>
    public static async Task<T> GuardAsync<T>(string bucket, string key, string what, Func<Task<T>> work, CancellationToken cancellation)
    {
        try
        {
            return await work();
        }
        catch (Exception e) when (IsOfStore(e) && !cancellation.IsCancellationRequested)
        {
            throw Of(bucket, key, what, e);
        }
    }

    public static bool IsOfStore(Exception e) =>
        e is AmazonServiceException or AmazonClientException or HttpRequestException or TimeoutException or OperationCanceledException or XmlException
        || (e is IOException and not S3Exception and not NoStoreException and not FileNotFoundException);

    public static bool IsAbsent(Exception e) => e is AmazonServiceException { StatusCode: HttpStatusCode.NotFound, ErrorCode: not "NoSuchBucket" };

    public static bool IsRefusedByCondition(Exception e) => e is AmazonServiceException { StatusCode: HttpStatusCode.PreconditionFailed };

    private static IOException Of(string bucket, string key, string what, Exception e) =>
        e is AmazonServiceException { ErrorCode: "NoSuchBucket" }
            ? new NoStoreException($"There is no bucket '{bucket}'", e)
            : new S3Exception($"'{key}' in the bucket '{bucket}' can't be {what}: {ReasonOf(e)}", e);

    private static string ReasonOf(Exception e) =>
        e switch
        {
            AmazonServiceException { StatusCode: not 0 } answer => $"the store answered {(int)answer.StatusCode} {answer.ErrorCode}",
            OperationCanceledException or TimeoutException => "the store did not answer in time",
            AmazonServiceException or AmazonClientException => e.InnerException is { } inner and not AmazonClientException ? ReasonOf(inner) : e.Message,
            _ => e.Message,
        };
}
