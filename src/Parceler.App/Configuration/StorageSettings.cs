using Microsoft.Extensions.Configuration;
using Parceler.Storage.S3;

namespace Parceler.App.Configuration;

/// <summary>Reads which disk the storage is: <c>FILESYSTEM_DISK</c> with <c>AWS_*</c> and <c>S3_*</c>. Never names a secret.</summary>
internal sealed class StorageSettings(IConfiguration configuration, List<string> faults) : NamedSettings(configuration, faults)
{
    private const string OfBucket = "FILESYSTEM_DISK=s3 needs it";
    private const int DefaultConnections = 16;
    private const int DefaultTimeout = 30;
    private const int DefaultRetries = 5;

    /// <returns>The bucket; null for a local disk.</returns>
    public S3Settings? Read() => Choice("FILESYSTEM_DISK", ["local", "s3"], "local") == "s3" ? ReadBucket() : null;

    /// <summary>Another bucket of the same store, for the same user.</summary>
    /// <param name="prefix">Empty, or ending in '/'.</param>
    public S3Settings ReadOther(string bucket, string prefix) => Read(() => bucket, () => prefix, $"to read s3://{bucket} it is needed");

    private S3Settings ReadBucket()
    {
        if (Text("APP_KEY") is null)
        {
            Faults.Add("APP_KEY: missing; with FILESYSTEM_DISK=s3 no key is kept in the storage. Make one with: parceler key generate --show");
        }

        if (Text("DELIVERY_OFFLOAD") == "x-accel")
        {
            Faults.Add("DELIVERY_OFFLOAD: x-accel needs a local disk; with FILESYSTEM_DISK=s3 machines are sent to the bucket: S3_DELIVERY");
        }

        return Read(Bucket, Prefix, OfBucket);
    }

    // Faults come in the order of the documentation.
    private S3Settings Read(Func<string> bucket, Func<string> prefix, string why) =>
        new(
            Needed("AWS_ACCESS_KEY_ID", why),
            Needed("AWS_SECRET_ACCESS_KEY", why),
            Needed("AWS_DEFAULT_REGION", why),
            bucket(),
            Address("AWS_ENDPOINT"),
            Address("AWS_URL"),
            PathStyle(),
            Checksums(),
            prefix(),
            Whole("S3_CONNECTIONS", DefaultConnections, 1, 1000),
            TimeSpan.FromSeconds(Whole("S3_TIMEOUT_S", DefaultTimeout, 1, 3600)),
            Whole("S3_RETRIES", DefaultRetries, 0, 20)
        );

    private string Bucket()
    {
        var name = Needed("AWS_BUCKET", OfBucket);
        if (name.Length > 0 && (name.Length is < 3 or > 255 || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_')))
        {
            Faults.Add($"AWS_BUCKET: '{name}' is no name of a bucket");
        }

        return name;
    }

    private Uri? Address(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0)
        {
            return url;
        }

        Faults.Add($"{name}: not an http or https address without a user");
        return null;
    }

    private bool PathStyle() => Choice("AWS_USE_PATH_STYLE_ENDPOINT", ["true", "false", "1", "0"], "false") is "true" or "1";

    private S3Checksums Checksums() =>
        Choice("S3_CHECKSUMS", ["default", "required", "unchunked"], "default") switch
        {
            "required" => S3Checksums.Required,
            "unchunked" => S3Checksums.Unchunked,
            _ => S3Checksums.Default,
        };

    private string Prefix()
    {
        var prefix = Text("S3_PREFIX")?.Trim('/') ?? "";
        if (prefix.Length > 0 && !Storage.PackagePath.IsValid(prefix))
        {
            Faults.Add($"S3_PREFIX: '{prefix}' is no path in a bucket, such as parceler/production");
        }

        return prefix.Length == 0 ? "" : prefix + "/";
    }
}
