using Microsoft.Extensions.Configuration;
using Parceler.App.Configuration;
using Parceler.Storage.S3;

namespace Parceler.Tests.Configuration;

public sealed class StorageSettingsTests
{
    private const string Secret = "the-secret-of-the-bucket";

    private static Dictionary<string, string?> Whole => new()
    {
        ["FILESYSTEM_DISK"] = "s3",
        ["APP_KEY"] = AppKey.Generate(),
        ["AWS_ACCESS_KEY_ID"] = "key",
        ["AWS_SECRET_ACCESS_KEY"] = Secret,
        ["AWS_DEFAULT_REGION"] = "eu-south-1",
        ["AWS_BUCKET"] = "artefacts",
    };

    [Fact]
    public void A_bucket_needs_a_name_a_region_and_keys() =>
        Read(Whole).Should().Be(new S3Settings("key", Secret, "eu-south-1", "artefacts", null, null, false, S3Checksums.Default, "", 16, TimeSpan.FromSeconds(30), 5));

    [Fact]
    public void Whatever_else_is_given_is_read()
    {
        var settings = Read(new(Whole)
        {
            ["AWS_ENDPOINT"] = "http://127.0.0.1:9000",
            ["AWS_URL"] = "https://artefacts.example",
            ["AWS_USE_PATH_STYLE_ENDPOINT"] = "true",
            ["S3_CHECKSUMS"] = "unchunked",
            ["S3_PREFIX"] = "/parceler/production",
            ["S3_CONNECTIONS"] = "4",
            ["S3_TIMEOUT_S"] = "7",
            ["S3_RETRIES"] = "0",
        })!;

        (settings.Endpoint, settings.PublicAddress, settings.PathStyle).Should().Be((new Uri("http://127.0.0.1:9000"), new Uri("https://artefacts.example"), true));
        (settings.Checksums, settings.Prefix, settings.Connections, settings.Timeout, settings.Retries).Should().Be((S3Checksums.Unchunked, "parceler/production/", 4, TimeSpan.FromSeconds(7), 0));
    }

    [Fact]
    public void All_faults_of_a_bucket_are_named_at_once_and_no_secret_is()
    {
        var read = () => Read(new()
        {
            ["FILESYSTEM_DISK"] = "s3",
            ["AWS_SECRET_ACCESS_KEY"] = Secret,
            ["AWS_BUCKET"] = "a b",
            ["AWS_ENDPOINT"] = "ftp://store",
            ["AWS_URL"] = "http://user:password@store",
            ["AWS_USE_PATH_STYLE_ENDPOINT"] = "perhaps",
            ["S3_CHECKSUMS"] = "none",
            ["S3_PREFIX"] = "../up",
            ["S3_CONNECTIONS"] = "0",
            ["S3_TIMEOUT_S"] = "1.5",
            ["S3_RETRIES"] = "-1",
        });

        var faults = read.Should().Throw<SettingsException>().Which;
        faults.Faults.Select(fault => fault.Split(':')[0]).Should().Equal(
            "APP_KEY", "AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_BUCKET", "AWS_ENDPOINT", "AWS_URL", "AWS_USE_PATH_STYLE_ENDPOINT", "S3_CHECKSUMS", "S3_PREFIX", "S3_CONNECTIONS", "S3_TIMEOUT_S", "S3_RETRIES");
        faults.Message.Should().NotContainAny(Secret, "password");
    }

    [Fact]
    public void A_bucket_in_words_shows_no_secret() => Read(Whole)!.ToString().Should().NotContain(Secret).And.Contain("artefacts");

    private static S3Settings? Read(Dictionary<string, string?> settings) =>
        new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()).Read().S3;
}
