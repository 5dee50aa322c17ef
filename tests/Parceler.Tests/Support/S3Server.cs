using Amazon.Runtime;
using Amazon.S3;

namespace Parceler.Tests.Support;

/// <summary>
/// A real S3 gateway (<c>tests/servers/s3.sh</c>). One for all tests, started by the first that asks; a test that kills it
/// starts one of its own. PARCELER_S3_SUITE takes the gateway of another release of Debian, such as bookworm.
/// </summary>
internal sealed class S3Server : IDisposable
{
    private static readonly Lazy<Task<S3Server>> s_shared = new(StartAsync);
    private readonly ServerScript _server;
    private readonly Lazy<AmazonS3Client> _client;

    private S3Server(ServerScript server)
    {
        _server = server;
        _client = new(Client);
    }

    public static Task<S3Server> Shared => s_shared.Value;

    public Uri Endpoint => new(_server.Said["S3_ENDPOINT"]);
    public string AccessKey => _server.Said["S3_ACCESS_KEY"];
    public string SecretKey => _server.Said["S3_SECRET_KEY"];
    public string Region => _server.Said["S3_REGION"];

    /// <summary>Of Ceph, such as 20.2.4.</summary>
    public Version Version => Version.Parse(_server.Said["S3_VERSION"]);

    public static async Task<S3Server> StartAsync()
    {
        var suite = Environment.GetEnvironmentVariable("PARCELER_S3_SUITE");
        return new(await ServerScript.StartAsync("s3", string.IsNullOrEmpty(suite) ? [] : ["--suite", suite]));
    }

    /// <summary>An empty bucket of one test's own.</summary>
    public async Task<string> NewBucketAsync()
    {
        var name = $"test-{Guid.NewGuid():n}";
        await Wait.UntilAsync(() => MakesAsync(name), "the gateway makes a bucket"); // soon after its start it may refuse one
        return name;
    }

    private async Task<bool> MakesAsync(string bucket)
    {
        try
        {
            await _client.Value.PutBucketAsync(bucket, TestContext.Current.CancellationToken);
            return true;
        }
        catch (AmazonS3Exception)
        {
            return false;
        }
    }

    /// <summary>The settings of a service whose storage is a bucket of its own.</summary>
    public async Task<Dictionary<string, string?>> NewSettingsAsync() =>
        new()
        {
            ["FILESYSTEM_DISK"] = "s3",
            ["AWS_ACCESS_KEY_ID"] = AccessKey,
            ["AWS_SECRET_ACCESS_KEY"] = SecretKey,
            ["AWS_DEFAULT_REGION"] = Region,
            ["AWS_BUCKET"] = await NewBucketAsync(),
            ["AWS_ENDPOINT"] = Endpoint.ToString(),
            ["AWS_USE_PATH_STYLE_ENDPOINT"] = "true",
            ["S3_CHECKSUMS"] = "unchunked", // as any gateway takes it
            ["APP_KEY"] = $"base64:{Convert.ToBase64String(new byte[32])}",
        };

    /// <summary>A client as any gateway takes it, also an old one, which knows no checksums at the end.</summary>
    public AmazonS3Client Client() =>
        new(
            new BasicAWSCredentials(AccessKey, SecretKey),
            new AmazonS3Config
            {
                ServiceURL = Endpoint.ToString(),
                ForcePathStyle = true,
                AuthenticationRegion = Region,
                RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
                ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            }
        );

    /// <summary>SIGKILL to the gateway (rgw), the monitor (mon) or the disk (osd).</summary>
    public Task KillAsync(string part) => _server.KillAsync(part);

    public Task StartAgainAsync() => _server.StartAgainAsync();

    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }

        _server.Dispose();
    }
}
