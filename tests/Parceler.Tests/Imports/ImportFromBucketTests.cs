using Amazon.S3.Model;
using Parceler.Tests.Cli;
using Parceler.Tests.Support;
using static Parceler.Tests.Imports.ImportTests;
using static Parceler.Tests.Imports.LaravelProgram;

namespace Parceler.Tests.Imports;

/// <summary>The storage disk of the replaced program is a bucket of a real gateway.</summary>
[Trait("Speed", "slow")]
public sealed class ImportFromBucketTests : IDisposable
{
    private readonly TestCommands _parceler = new();
    private readonly LaravelProgram _old;

    public ImportFromBucketTests() => _old = new(_parceler.Folder);

    public void Dispose() => _parceler.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Snapshots_come_out_of_a_bucket_into_a_folder_or_into_the_same_bucket(bool sameBucket)
    {
        await using var bucket = await TestBucket.OpenAsync();
        var (first, second) = (DaysAgo(2, offsetHours: 2), DaysAgo(1));
        await PutAsync(bucket, $"snapshots/demo/{first}/packages/a~1+b.ipk", "the same");
        await PutAsync(bucket, $"snapshots/demo/{second}/packages/a~1+b.ipk", "the same");
        await PutAsync(bucket, $"snapshots/demo/{second}/latest_release", "23.05.6");
        await PutAsync(bucket, $"snapshots/demo/broken/file", "x");
        await PutAsync(bucket, "source/demo/latest_release", "23.05.6");
        foreach (var (name, value) in bucket.Service)
        {
            _parceler.Settings[name] = value;
        }

        _parceler.Settings["FILESYSTEM_DISK"] = sameBucket ? "s3" : "local";
        _parceler.Settings["S3_PREFIX"] = sameBucket ? "parceler" : null;
        _old.Add("demo", "rclone sync up: space:bucket/source/demo", delay: 3);
        string[] command = ["import", "laravel", "--database", _old.Database, "--storage", $"s3://{bucket.Settings.Bucket}", "--json"];

        (await _parceler.DoneAsync([.. command, "--dry-run"])).Out.Should().Contain("would");
        var printed = (await _parceler.DoneAsync(command)).Json;

        StatesOf(printed, "demo").Should().Equal(("broken", "passedOver"), (first, "taken"), (second, "taken"));
        RepositoryOf(printed, "demo").GetProperty("served").GetProperty("same").GetBoolean().Should().BeTrue();
        (await _parceler.DoneAsync("repository", "files", "demo", $"snapshots/demo/{Utc(second)}")).Out.Should().Contain("latest_release").And.Contain("packages/a~1+b.ipk");
        await _parceler.DoneAsync("verify");
        StatesOf((await _parceler.DoneAsync(command)).Json, "demo").Should().Contain([(first, "there"), (second, "there")]);
        using var client = bucket.Aside();
        var left = await client.ListObjectsV2Async(new() { BucketName = bucket.Settings.Bucket, Prefix = "snapshots/" }, TestContext.Current.CancellationToken);
        left.S3Objects.Should().HaveCount(4);
    }

    [Fact]
    public async Task The_bucket_of_Parceler_itself_is_refused()
    {
        await using var bucket = await TestBucket.OpenAsync();
        foreach (var (name, value) in bucket.Service)
        {
            _parceler.Settings[name] = value;
        }

        var refused = await _parceler.RunAsync("import", "laravel", "--database", _old.Database, "--storage", $"s3://{bucket.Settings.Bucket}/{bucket.Settings.Prefix}");

        refused.Status.Should().Be(2);
        refused.Error.Should().Contain("is the storage of Parceler itself");
    }

    private static async Task PutAsync(TestBucket bucket, string key, string content)
    {
        using var client = bucket.Aside();
        await client.PutObjectAsync(new PutObjectRequest { BucketName = bucket.Settings.Bucket, Key = key, ContentBody = content, UseChunkEncoding = false }, TestContext.Current.CancellationToken);
    }
}
