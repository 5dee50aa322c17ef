namespace Parceler.Storage.S3;

/// <summary>How bodies are secured on their way: what a store understands differs.</summary>
internal enum S3Checksums
{
    /// <summary>As the library does it for new stores: signed chunks with a check sum behind them.</summary>
    Default,

    /// <summary>Check sums only where a request needs one.</summary>
    Required,

    /// <summary>The same, and bodies in one piece: for stores that keep the word "aws-chunked" with the object, or refuse it.</summary>
    Unchunked,
}

/// <summary>A bucket, who may use it, and how it is talked to.</summary>
/// <param name="Endpoint">The address of the store; null for that of Amazon's region.</param>
/// <param name="PublicAddress">Where machines reach the store, if they do so at another address.</param>
/// <param name="Prefix">What all keys begin with: empty, or ending in '/'.</param>
/// <param name="Connections">How many requests are under way at a time.</param>
/// <param name="Retries">How often a request is tried again that the store did not answer, or answered with an error of its own.</param>
internal sealed record S3Settings(
    string AccessKey,
    string SecretKey,
    string Region,
    string Bucket,
    Uri? Endpoint,
    Uri? PublicAddress,
    bool PathStyle,
    S3Checksums Checksums,
    string Prefix,
    int Connections,
    TimeSpan Timeout,
    int Retries
)
{
    /// <summary>Larger files are sent in parts of this size, or larger ones when there would be too many.</summary>
    public long PartSize { get; init; } = 16L << 20;

    // So that no log shows the secret.
    public override string ToString() => $"s3://{Bucket}/{Prefix} at {Endpoint?.ToString() ?? Region}";
}
