using Amazon.S3;
using Parceler.Database;
using Parceler.Storage;
using Parceler.Storage.S3;

namespace Parceler.Tests.Support;

/// <summary>A bucket of one test's own at the real gateway, behind a proxy that counts and makes faults.</summary>
internal sealed class TestBucket : IAsyncDisposable
{
    private readonly TempFolder _folder = TempFolder.InMemory();
    private readonly S3Server _server;
    private readonly AmazonS3Client _client;

    private TestBucket(S3Server server, S3Proxy proxy, string name)
    {
        (_server, Proxy) = (server, proxy);
        Settings = new(server.AccessKey, server.SecretKey, server.Region, name, proxy.Endpoint, null, PathStyle: true, Checksums, "tests/", 8, TimeSpan.FromSeconds(10), 2) { PartSize = 5 << 20 };
        _client = S3ClientFactory.Create(Settings);
        Bucket = new(_client, Settings);
        Disk = new(Bucket);
        Work = new(_folder["storage"]);
        Blobs = new(new SqliteDb(_folder["storage/database.sqlite"]), Bucket, new S3Upload(_client, Bucket), Work);
    }

    /// <summary>As an operator would set it for the gateway that the tests have.</summary>
    public static S3Checksums Checksums => string.IsNullOrEmpty(Environment.GetEnvironmentVariable("PARCELER_S3_SUITE")) ? S3Checksums.Default : S3Checksums.Unchunked;

    public S3Settings Settings { get; }
    public S3Proxy Proxy { get; }
    public S3Bucket Bucket { get; }
    public S3Disk Disk { get; }
    public S3Blobs Blobs { get; }
    public WorkFolder Work { get; }

    /// <summary>The settings of a service whose storage this is.</summary>
    public Dictionary<string, string?> Service => new()
    {
        ["FILESYSTEM_DISK"] = "s3",
        ["APP_KEY"] = "base64:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        ["AWS_ACCESS_KEY_ID"] = Settings.AccessKey,
        ["AWS_SECRET_ACCESS_KEY"] = Settings.SecretKey,
        ["AWS_DEFAULT_REGION"] = Settings.Region,
        ["AWS_BUCKET"] = Settings.Bucket,
        ["AWS_ENDPOINT"] = Proxy.Endpoint.ToString(),
        ["AWS_USE_PATH_STYLE_ENDPOINT"] = "true",
        ["S3_CHECKSUMS"] = Checksums.ToString().ToLowerInvariant(),
        ["S3_PREFIX"] = Settings.Prefix,
        ["S3_TIMEOUT_S"] = "10",
        ["S3_RETRIES"] = "2",
    };

    public static async Task<TestBucket> OpenAsync()
    {
        var server = await S3Server.Shared;
        return new(server, await S3Proxy.StartAsync(server.Endpoint), await server.NewBucketAsync());
    }

    /// <summary>A client of the gateway itself, for what others do with the bucket.</summary>
    public AmazonS3Client Aside() => _server.Client();

    public async ValueTask DisposeAsync()
    {
        Bucket.Dispose();
        _client.Dispose();
        await Proxy.DisposeAsync();
        _folder.Dispose();
    }
}
