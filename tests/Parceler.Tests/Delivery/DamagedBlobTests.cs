using System.Security.Cryptography;
using Parceler.Delivery;
using Parceler.Tests.Support;

namespace Parceler.Tests.Delivery;

/// <summary>What is not what it should be is not sent.</summary>
public sealed class DamagedBlobTests
{
    private const int Small = 1_000;
    private const int Large = 1 << 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Small, Small)]
    [InlineData(Small, Small - 1)]
    [InlineData(Small, Small + 1)]
    [InlineData(Small, null)]
    [InlineData(Large, Large - 1)]
    [InlineData(Large, null)]
    public async Task A_damaged_blob_answers_500_and_none_of_its_bytes(int size, int? becomes)
    {
        await using var parceler = await StartAsync(size);
        Damage(parceler, size, becomes);

        var answer = await GetAsync(parceler, "x.ipk");

        answer.ShouldBeEmpty(500);
        answer.Headers.Should().NotContainKeys("ETag", "Last-Modified");
        (await GetAsync(parceler, "x.ipk", ("Range", "bytes=0-9"))).ShouldBeEmpty(500);
        (await GetAsync(parceler, "good.ipk")).Text.Should().Be("good");
        parceler.Log.Lines.Should().Contain(line => line.StartsWith("Critical: x.ipk can't be sent", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_blob_that_was_put_right_is_sent_again()
    {
        await using var parceler = await StartAsync(Small);
        Damage(parceler, Small, null);
        (await GetAsync(parceler, "x.ipk")).ShouldBeEmpty(500);

        await File.WriteAllBytesAsync(BlobOf(parceler, Small), ContentOf(Small), Cancellation);

        (await GetAsync(parceler, "x.ipk")).Body.Should().Equal(ContentOf(Small));
    }

    [Fact]
    public async Task A_manifest_that_was_put_right_is_served_at_the_next_look()
    {
        await using var parceler = await StartAsync(Small);
        var manifest = Directory.GetFiles(Path.Combine(parceler.StorageFolder, "snapshots/netsec")).Single();
        var whole = await File.ReadAllBytesAsync(manifest, Cancellation);
        await File.WriteAllBytesAsync(manifest, whole[..20], Cancellation);
        await parceler.RestartAsync();
        (await GetAsync(parceler, "good.ipk")).ShouldBeEmpty(404);

        await File.WriteAllBytesAsync(manifest, whole, Cancellation);
        await parceler.Get<DeliveryLoop>().FollowClockAsync(Cancellation);

        (await GetAsync(parceler, "good.ipk")).Text.Should().Be("good");
    }

    [Fact]
    public async Task A_blob_that_shrinks_while_it_is_open_ends_the_connection_so_that_no_client_takes_it_for_whole()
    {
        await using var parceler = await StartAsync(Large);
        (await GetAsync(parceler, "x.ipk")).Body.Should().HaveCount(Large);
        Damage(parceler, Large, Large / 2);

        using var client = parceler.Client();
        var download = () => client.GetByteArrayAsync(new Uri("/repository/enterprise/netsec/x.ipk", UriKind.Relative), Cancellation);

        await download.Should().ThrowAsync<HttpRequestException>();
    }

    private static async Task<TestParceler> StartAsync(int size)
    {
        var parceler = await TestParceler.StartAsync();
        parceler.WriteUpstream("netsec", "good.ipk", "good");
        await File.WriteAllBytesAsync(Path.Combine(parceler.UpstreamOf("netsec"), "x.ipk"), ContentOf(size), Cancellation);
        await parceler.CreateAsync("netsec");
        return parceler;
    }

    private static byte[] ContentOf(int size)
    {
        var content = new byte[size];
        new Random(size).NextBytes(content);
        return content;
    }

    private static string BlobOf(TestParceler parceler, int size)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(ContentOf(size)));
        return Path.Combine(parceler.StorageFolder, "blobs", digest[..2], digest);
    }

    // In place, as a failing disk does it; null: the file is gone.
    private static void Damage(TestParceler parceler, int size, int? becomes)
    {
        var blob = BlobOf(parceler, size);
        if (becomes is not { } length)
        {
            File.Delete(blob);
            return;
        }

        File.SetUnixFileMode(blob, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using var file = File.Open(blob, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        file.WriteByte((byte)~ContentOf(size)[0]);
        file.SetLength(length);
    }

    private static Task<RawAnswer> GetAsync(TestParceler parceler, string path, params (string Name, string Value)[] headers) =>
        RawRequest.SendAsync(parceler.Address, "GET", $"/repository/enterprise/netsec/{path}", [("Authorization", RawRequest.Basic(TestParceler.Machine, TestParceler.Secret)), .. headers]);
}
