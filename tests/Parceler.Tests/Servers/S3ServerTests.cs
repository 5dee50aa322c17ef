using Amazon.S3;
using Amazon.S3.Model;
using Parceler.Tests.Support;

namespace Parceler.Tests.Servers;

/// <summary>The gateway of the tests is one that tells right from wrong.</summary>
[Trait("Speed", "slow")]
public sealed class S3ServerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_put_is_what_is_got_and_a_condition_counts()
    {
        var server = await S3Server.Shared;
        var bucket = await server.NewBucketAsync();
        using var client = server.Client();

        await PutAsync(client, bucket, "first");

        (await GetAsync(client, bucket)).Should().Be("first");
        var again = () => PutAsync(client, bucket, "second");
        (await again.Should().ThrowAsync<AmazonS3Exception>()).Which.StatusCode.Should().Be(System.Net.HttpStatusCode.PreconditionFailed);
        (await GetAsync(client, bucket)).Should().Be("first");
    }

    [Fact]
    public async Task Another_key_is_refused()
    {
        var server = await S3Server.Shared;
        var bucket = await server.NewBucketAsync();
        using var stranger = new AmazonS3Client(server.AccessKey, "not-the-secret", server.Client().Config as AmazonS3Config);

        var put = () => PutAsync(stranger, bucket, "x");

        (await put.Should().ThrowAsync<AmazonS3Exception>()).Which.StatusCode.Should().Be(System.Net.HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task One_that_is_killed_comes_back_with_its_data()
    {
        using var server = await S3Server.StartAsync();
        var bucket = await server.NewBucketAsync();
        using var client = server.Client();
        await PutAsync(client, bucket, "kept");

        await server.KillAsync("rgw");
        await server.KillAsync("osd");
        await server.StartAgainAsync();

        (await GetAsync(client, bucket)).Should().Be("kept");
    }

    private static async Task PutAsync(AmazonS3Client client, string bucket, string content) =>
        await client.PutObjectAsync(new() { BucketName = bucket, Key = "key", ContentBody = content, UseChunkEncoding = false, IfNoneMatch = "*" }, Cancellation);

    private static async Task<string> GetAsync(AmazonS3Client client, string bucket)
    {
        using var answer = await client.GetObjectAsync(new GetObjectRequest { BucketName = bucket, Key = "key" }, Cancellation);
        using var reader = new StreamReader(answer.ResponseStream);
        return await reader.ReadToEndAsync(Cancellation);
    }
}
