using Amazon;
using Amazon.Runtime;
using Amazon.S3;

namespace Parceler.Storage.S3;

/// <summary>Makes clients of a store that take nothing from the machine they run on: no profile, no metadata service, no proxy of the environment.</summary>
internal static class S3ClientFactory
{
    private static readonly TimeSpan s_connect = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_connectionLife = TimeSpan.FromMinutes(5); // then the address is looked up again

    public static AmazonS3Client Create(S3Settings settings)
    {
        var when = settings.Checksums == S3Checksums.Default;
        var config = new AmazonS3Config
        {
            DefaultConfigurationMode = DefaultConfigurationMode.Standard, // "auto" would ask the metadata service
            IgnoreConfiguredEndpointUrls = true,
            AuthenticationRegion = settings.Region,
            ForcePathStyle = settings.PathStyle,
            RequestChecksumCalculation = when ? RequestChecksumCalculation.WHEN_SUPPORTED : RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = when ? ResponseChecksumValidation.WHEN_SUPPORTED : ResponseChecksumValidation.WHEN_REQUIRED,
            RetryMode = RequestRetryMode.Standard,
            MaxErrorRetry = settings.Retries,
            ThrottleRetries = false, // each request is worth its tries: a snapshot needs all of them
            Timeout = settings.Timeout,
            HttpClientFactory = new Connections(ClientOf(settings)),
        };
        if (settings.Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint.AbsoluteUri;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(settings.Region);
        }

        return new(new BasicAWSCredentials(settings.AccessKey, settings.SecretKey), config);
    }

    private static HttpClient ClientOf(S3Settings settings)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = System.Net.DecompressionMethods.None,
            ConnectTimeout = s_connect,
            MaxConnectionsPerServer = 2 * settings.Connections, // reading while much is written
            PooledConnectionLifetime = s_connectionLife,
            UseCookies = false,
            UseProxy = false,
        };
        return new(new SilenceHandler(handler, settings.Timeout)) { Timeout = settings.Timeout };
    }

    // One for the life of the process.
    private sealed class Connections(HttpClient client) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => client;

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

        public override string GetConfigUniqueString(IClientConfig clientConfig) => "";
    }
}
