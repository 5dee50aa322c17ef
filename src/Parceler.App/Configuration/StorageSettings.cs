using System.Globalization;
using Microsoft.Extensions.Configuration;
using Parceler.Storage.S3;

namespace Parceler.App.Configuration;

/// <summary>Reads which disk the storage is: <c>FILESYSTEM_DISK</c> with <c>AWS_*</c> and <c>S3_*</c>. Never names a secret.</summary>
internal sealed class StorageSettings(IConfiguration configuration, List<string> faults)
{
    private const int DefaultConnections = 16;
    private const int DefaultTimeout = 30;
    private const int DefaultRetries = 5;

    /// <returns>The bucket; null for a local disk.</returns>
    public S3Settings? Read()
    {
        switch (Text("FILESYSTEM_DISK") ?? "local")
        {
            case "local":
                return null;
            case "s3":
                return ReadBucket();
            default:
                faults.Add($"FILESYSTEM_DISK: '{Text("FILESYSTEM_DISK")}' is none of: local, s3");
                return null;
        }
    }

    private S3Settings ReadBucket()
    {
        if (Text("APP_KEY") is null)
        {
            faults.Add("APP_KEY: missing; with FILESYSTEM_DISK=s3 no key is kept in the storage. Make one with: parceler key generate --show");
        }

        return new(
            Needed("AWS_ACCESS_KEY_ID"),
            Needed("AWS_SECRET_ACCESS_KEY"),
            Needed("AWS_DEFAULT_REGION"),
            Bucket(),
            Address("AWS_ENDPOINT"),
            Address("AWS_URL"),
            PathStyle(),
            Checksums(),
            Prefix(),
            Whole("S3_CONNECTIONS", DefaultConnections, 1, 1000),
            TimeSpan.FromSeconds(Whole("S3_TIMEOUT_S", DefaultTimeout, 1, 3600)),
            Whole("S3_RETRIES", DefaultRetries, 0, 20)
        );
    }

    private string? Text(string name) => string.IsNullOrWhiteSpace(configuration[name]) ? null : configuration[name]!.Trim();

    private string Needed(string name)
    {
        if (Text(name) is { } text)
        {
            return text;
        }

        faults.Add($"{name}: missing; FILESYSTEM_DISK=s3 needs it");
        return "";
    }

    private string Bucket()
    {
        var name = Needed("AWS_BUCKET");
        if (name.Length > 0 && (name.Length is < 3 or > 255 || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_')))
        {
            faults.Add($"AWS_BUCKET: '{name}' is no name of a bucket");
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

        faults.Add($"{name}: not an http or https address without a user");
        return null;
    }

    private bool PathStyle()
    {
        var text = Text("AWS_USE_PATH_STYLE_ENDPOINT") ?? "false";
        if (text is not ("true" or "false" or "1" or "0"))
        {
            faults.Add($"AWS_USE_PATH_STYLE_ENDPOINT: '{text}' is none of: true, false");
        }

        return text is "true" or "1";
    }

    private S3Checksums Checksums()
    {
        switch (Text("S3_CHECKSUMS") ?? "default")
        {
            case "default":
                return S3Checksums.Default;
            case "required":
                return S3Checksums.Required;
            case "unchunked":
                return S3Checksums.Unchunked;
            default:
                faults.Add($"S3_CHECKSUMS: '{Text("S3_CHECKSUMS")}' is none of: default, required, unchunked");
                return S3Checksums.Default;
        }
    }

    private string Prefix()
    {
        var prefix = Text("S3_PREFIX")?.Trim('/') ?? "";
        if (prefix.Length > 0 && !Storage.PackagePath.IsValid(prefix))
        {
            faults.Add($"S3_PREFIX: '{prefix}' is no path in a bucket, such as parceler/production");
        }

        return prefix.Length == 0 ? "" : prefix + "/";
    }

    private int Whole(string name, int fallback, int least, int most)
    {
        if (Text(name) is not { } text)
        {
            return fallback;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return number;
        }

        faults.Add($"{name}: '{text}' is no whole number from {least} to {most}");
        return fallback;
    }
}
