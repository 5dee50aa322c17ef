using Amazon.S3;
using Parceler.App.Cli;
using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Snapshots;
using Parceler.Storage;
using Parceler.Tests.Support;

namespace Parceler.Tests.Scenarios;

/// <summary>The whole service with its storage in a bucket.</summary>
[Trait("Speed", "slow")]
public sealed class BucketTests : IAsyncLifetime
{
    private static readonly RepositoryName s_name = RepositoryName.Parse("netsec");
    private TestBucket _bucket = null!;
    private TestParceler _parceler = null!;
    private AmazonS3Client _aside = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _bucket = await TestBucket.OpenAsync();
        _aside = _bucket.Aside();
        _parceler = await TestParceler.StartAsync(_bucket.Service);
    }

    public async ValueTask DisposeAsync()
    {
        _aside.Dispose();
        await _parceler.DisposeAsync();
        await _bucket.DisposeAsync();
    }

    [Fact]
    public async Task What_upstream_has_is_served_and_stands_under_the_keys_of_the_storage()
    {
        var image = new byte[11 << 20];
        new Random(1).NextBytes(image);
        Directory.CreateDirectory(_parceler.UpstreamOf("netsec"));
        await File.WriteAllBytesAsync(Path.Combine(_parceler.UpstreamOf("netsec"), "image.img"), image, Cancellation);
        _parceler.WriteUpstream("netsec", "feed/a b+c.ipk", "first");
        await _parceler.CreateAsync("netsec", delay: 0);

        (await _parceler.ReadAsync("netsec", "feed/a%20b+c.ipk")).Should().Be("first");
        using var client = _parceler.Client();
        (await client.GetByteArrayAsync("/repository/enterprise/netsec/image.img", Cancellation)).Should().Equal(image);
        _parceler.WriteUpstream("netsec", "feed/a b+c.ipk", "second");
        await _parceler.SyncAsync("netsec");
        (await _parceler.ReadAsync("netsec", "feed/a%20b+c.ipk")).Should().Be("second");

        var snapshots = await _parceler.SnapshotsAsync("netsec");
        (await KeysAsync()).Should().BeEquivalentTo(
            [
                "tests/parceler.json",
                "tests/repositories/netsec.json",
                .. snapshots.Select(instant => $"tests/snapshots/netsec/{instant}.manifest"),
                .. new[] { Digest.Of(image), Digest.Of("first"u8), Digest.Of("second"u8) }.Select(digest => "tests/" + StorageKeys.Blob(digest)),
            ]
        );
        Directory.EnumerateFileSystemEntries(Path.Combine(_parceler.StorageFolder, "staging")).Should().BeEmpty();
    }

    [Fact]
    public async Task A_snapshot_is_deleted_by_removing_its_object_and_back_with_it()
    {
        await TwoSnapshotsAsync();
        var older = (await _parceler.SnapshotsAsync("netsec"))[0];
        var key = $"snapshots/netsec/{older}.manifest";
        var content = await _bucket.Disk.ReadAsync(key, Cancellation);

        await _bucket.Disk.DeleteAsync(key, Cancellation);
        await _parceler.Get<ScanSnapshots>().RunAsync(Cancellation);
        (await _parceler.SnapshotsAsync("netsec")).Should().HaveCount(1).And.NotContain(older);

        await _bucket.Disk.WriteAsync(key, content!, Cancellation);
        await _parceler.Get<ScanSnapshots>().RunAsync(Cancellation);
        (await _parceler.SnapshotsAsync("netsec")).Should().HaveCount(2).And.Contain(older);
    }

    [Theory]
    [InlineData(S3Fault.Unavailable)]
    [InlineData(S3Fault.Cut)]
    [InlineData(S3Fault.Truncated)]
    [InlineData(S3Fault.Empty)]
    internal async Task A_listing_that_fails_deletes_nothing(S3Fault fault)
    {
        await TwoSnapshotsAsync();

        _bucket.Proxy.FailAll("list-type=2", fault);
        await _parceler.Get<ScanSnapshots>().RunAsync(Cancellation);

        (await _parceler.SnapshotsAsync("netsec")).Should().HaveCount(2);
        string.Join('\n', _parceler.Log.Lines).Should().Contain("The storage can't be trusted").And.NotContain("was deleted through the storage").And.NotContain("vanished at once");
        _bucket.Proxy.Fault = _ => S3Fault.None;
        await _parceler.Get<ScanSnapshots>().RunAsync(Cancellation);
        (await _parceler.SnapshotsAsync("netsec")).Should().HaveCount(2);
    }

    [Fact]
    public async Task A_bucket_that_is_gone_deletes_nothing_and_starts_no_service()
    {
        await TwoSnapshotsAsync();
        foreach (var key in await KeysAsync())
        {
            await _aside.DeleteObjectAsync(_bucket.Settings.Bucket, key, Cancellation);
        }

        await _parceler.Get<ScanSnapshots>().RunAsync(Cancellation);
        await _aside.DeleteBucketAsync(_bucket.Settings.Bucket, Cancellation);
        await _parceler.Get<ScanSnapshots>().RunAsync(Cancellation);

        (await _parceler.SnapshotsAsync("netsec")).Should().HaveCount(2);
        var establish = () => _parceler.Get<StoreIdentity>().EstablishAsync(Cancellation);
        (await establish.Should().ThrowAsync<WrongStoreException>()).Which.Message.Should().Contain(_bucket.Settings.Bucket).And.Contain("AWS_BUCKET");
    }

    [Fact]
    public async Task Blobs_that_are_gone_or_damaged_are_named_and_the_next_sync_brings_them_back()
    {
        await TwoSnapshotsAsync();
        await _bucket.Disk.DeleteAsync(StorageKeys.Blob(Digest.Of("kept"u8)), Cancellation);
        await _bucket.Disk.WriteAsync(StorageKeys.Blob(Digest.Of("second"u8)), "sEcond"u8.ToArray(), Cancellation);

        var verification = await _parceler.Get<VerifyStore>().RunAsync(removeDamaged: true, (_, _, _) => { }, Cancellation);
        verification.Broken.Select(blob => blob.Problem).Should().BeEquivalentTo("missing", "damaged: its bytes have another digest");

        await _parceler.SyncAsync("netsec");
        var now = await _parceler.Get<VerifyStore>().RunAsync(removeDamaged: false, (_, _, _) => { }, Cancellation);
        now.IsGood.Should().BeTrue();
    }

    [Fact]
    public async Task A_deleted_repository_leaves_nothing_but_blobs()
    {
        await TwoSnapshotsAsync();
        await PutAsync("source/netsec/left.ipk", "left");

        await _parceler.Get<DeleteRepository>().RunAsync(s_name, Cancellation);

        (await KeysAsync()).Should().AllSatisfy(key => key.Should().Match(k => k == "tests/parceler.json" || k.StartsWith("tests/blobs/", StringComparison.Ordinal)));
        Directory.Exists(Path.Combine(_parceler.StorageFolder, "source/netsec")).Should().BeFalse();
    }

    [Fact]
    public async Task What_a_command_writes_to_the_bucket_is_read_once()
    {
        await PutAsync("source/netsec/feed/kept.ipk", "kept");
        await PutAsync("source/netsec/feed/a.ipk", "first");
        await PutAsync("source/netsec/feed/", "");
        await PutAsync("source/netsec/beside.txt", "of no repository");
        await _parceler.CreateAsync("netsec", delay: 0, command: "true", sourceFolder: "feed", sync: false);
        await EditAsync(settings => settings with { SourceOnDisk = true });

        await _parceler.SyncAsync("netsec");
        (await _parceler.ReadAsync("netsec", "a.ipk")).Should().Be("first");
        (await _parceler.ReadAsync("netsec", "kept.ipk")).Should().Be("kept");
        (await _parceler.ReadAsync("netsec", "beside.txt")).Should().BeNull();

        await PutAsync("source/netsec/feed/a.ipk", "second");
        await PutAsync("source/netsec/feed/b.ipk", "new");
        _bucket.Proxy.Requests.Clear();
        await _parceler.SyncAsync("netsec");
        (await _parceler.ReadAsync("netsec", "a.ipk")).Should().Be("second");
        (await _parceler.ReadAsync("netsec", "kept.ipk")).Should().Be("kept");
        _bucket.Proxy.Requests.Where(request => request.StartsWith("GET ", StringComparison.Ordinal) && request.Contains("source/netsec/feed/", StringComparison.Ordinal) && !request.Contains("list-type", StringComparison.Ordinal))
            .Select(request => Path.GetFileName(request.Split('?')[0])).Should().BeEquivalentTo("a.ipk", "b.ipk");

        await _aside.DeleteObjectAsync(_bucket.Settings.Bucket, "tests/source/netsec/feed/kept.ipk", Cancellation);
        await _parceler.SyncAsync("netsec");
        var newest = await _parceler.Get<ManifestStore>().ListAsync("netsec", Cancellation);
        (await _parceler.Get<ManifestStore>().ReadAsync("netsec", newest[^1], Cancellation))!.Files.Select(file => file.Path).Should().Equal("a.ipk", "b.ipk");
    }

    [Fact]
    public async Task An_object_that_changes_while_it_is_read_is_read_again()
    {
        await PutAsync("source/netsec/a.ipk", "first");
        await _parceler.CreateAsync("netsec", delay: 0, command: "true", sync: false);
        await EditAsync(settings => settings with { SourceOnDisk = true });
        var changes = 2;
        _bucket.Proxy.Fault = request =>
        {
            if (request.Contains("/a.ipk", StringComparison.Ordinal) && Interlocked.Decrement(ref changes) >= 0)
            {
                PutAsync("source/netsec/a.ipk", $"changed {changes}").GetAwaiter().GetResult();
            }

            return S3Fault.None;
        };

        await _parceler.SyncAsync("netsec");

        (await _parceler.ReadAsync("netsec", "a.ipk")).Should().Be("changed 0");
    }

    [Fact]
    public async Task A_folder_of_the_bucket_is_frozen_and_listed_as_one_of_a_disk_is()
    {
        await PutAsync("own/tested/a.ipk", "tested");
        await TwoSnapshotsAsync();

        await _parceler.Get<FreezeRepository>().RunAsync(s_name, "own/tested", atOnce: false, (_, _, _) => { }, Cancellation);
        await _parceler.SettleAsync();

        (await _parceler.ReadAsync("netsec", "a.ipk")).Should().Be("tested");
        (await FilesAsync("own")).Should().Equal("own/tested/a.ipk");
        (await FilesAsync("own/tested/a.ipk")).Should().Equal("own/tested/a.ipk");
        (await FilesAsync("source/netsec")).Should().Equal("source/netsec/a.ipk", "source/netsec/kept.ipk");
        var nothing = () => FilesAsync("own/none");
        await nothing.Should().ThrowAsync<RefusedException>();
        var database = () => FilesAsync("database.sqlite");
        await database.Should().ThrowAsync<RefusedException>();
    }

    private async Task TwoSnapshotsAsync()
    {
        _parceler.WriteUpstream("netsec", "kept.ipk", "kept");
        _parceler.WriteUpstream("netsec", "a.ipk", "first");
        await _parceler.CreateAsync("netsec");
        _parceler.Clock.Advance(TimeSpan.FromDays(1));
        _parceler.WriteUpstream("netsec", "a.ipk", "second");
        await _parceler.SyncAsync("netsec");
    }

    private async Task EditAsync(Func<RepositorySettings, RepositorySettings> edit) => await _parceler.Get<EditRepository>().RunAsync(s_name, edit, Cancellation);

    private async Task PutAsync(string key, string content) =>
        await _aside.PutObjectAsync(new() { BucketName = _bucket.Settings.Bucket, Key = _bucket.Settings.Prefix + key, ContentBody = content, UseChunkEncoding = false }, Cancellation);

    private async Task<List<string>> KeysAsync() =>
        [.. (await _aside.ListObjectsV2Async(new() { BucketName = _bucket.Settings.Bucket }, Cancellation)).S3Objects?.Select(stored => stored.Key) ?? []];

    private async Task<List<string>> FilesAsync(string path)
    {
        var view = new DiskView(_parceler.Get<DiskFolders>(), _parceler.Get<WorkFolder>(), _parceler.Get<ManifestStore>(), e => throw e);
        return await view.ListAsync(path, Cancellation).Select(file => file.Path).ToListAsync(Cancellation);
    }
}
