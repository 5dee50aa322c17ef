using Amazon.S3;
using Amazon.S3.Model;

namespace Parceler.Storage.S3;

/// <summary>Signs addresses of objects as machines reach them. It needs no connection to the store.</summary>
internal sealed class S3Signer(S3Settings settings) : IDisposable
{
    private readonly Protocol _protocol = (settings.PublicAddress ?? settings.Endpoint)?.Scheme == Uri.UriSchemeHttp ? Protocol.HTTP : Protocol.HTTPS;
    private readonly AmazonS3Client _client = S3ClientFactory.Create(AsMachinesSee(settings));

    /// <param name="contentType">What the answer will say that it is.</param>
    public string UrlOf(string key, string contentType, TimeSpan life) =>
        _client.GetPreSignedURL(new()
        {
            BucketName = settings.Bucket,
            Key = key,
            Verb = HttpVerb.GET,
            Protocol = _protocol,
            Expires = TimeProvider.System.GetUtcNow().UtcDateTime + life, // the store's clock is the real one
            ResponseHeaderOverrides = new() { ContentType = contentType },
        });

    public void Dispose() => _client.Dispose();

    // A public address may name the bucket as its host or as its path, as the file systems of PHP frameworks have it, or leave it out.
    private static S3Settings AsMachinesSee(S3Settings settings)
    {
        if (settings.PublicAddress is not { } address)
        {
            return settings;
        }

        var isOfBucket = address.Host.StartsWith(settings.Bucket + ".", StringComparison.OrdinalIgnoreCase);
        var host = isOfBucket ? address.Host[(settings.Bucket.Length + 1)..] : address.Host;
        return settings with { Endpoint = new UriBuilder(address.Scheme, host, address.Port).Uri, PathStyle = !isOfBucket };
    }
}
