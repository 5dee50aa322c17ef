using Parceler.Snapshots;
using Parceler.Storage;
using Parceler.Tests.Support;

namespace Parceler.Tests.Faults;

/// <summary>What goes wrong between a sync and its bucket ends in a whole snapshot, or in no snapshot and a clear error.</summary>
[Trait("Speed", "slow")]
public sealed class BucketFaultsTests : IAsyncLifetime
{
    private const string Blobs = "/blobs/";
    private const string Listings = "list-type=2";
    private const string Manifests = "/snapshots/";
    private TestBucket _bucket = null!;
    private TestParceler _parceler = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _bucket = await TestBucket.OpenAsync();
        _parceler = await TestParceler.StartAsync(new(_bucket.Service) { ["S3_TIMEOUT_S"] = "1" });
        await _parceler.CreateAsync("netsec", delay: 0, sync: false);
        for (var number = 0; number < 40; number++)
        {
            _parceler.WriteUpstream("netsec", $"{number}.ipk", $"content {number}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _parceler.DisposeAsync();
        await _bucket.DisposeAsync();
    }

    [Theory]
    [InlineData(Blobs, S3Fault.Unavailable)]
    [InlineData(Blobs, S3Fault.Cut)]
    [InlineData(Blobs, S3Fault.Silent)]
    [InlineData(Blobs, S3Fault.AnswerLost)]
    [InlineData(Listings, S3Fault.Unavailable)]
    [InlineData(Listings, S3Fault.Silent)]
    [InlineData(Manifests, S3Fault.AnswerLost)]
    [InlineData(Manifests, S3Fault.Cut)]
    internal async Task What_passes_is_not_noticed(string where, S3Fault fault)
    {
        _bucket.Proxy.FailFirst(2, where, fault);

        (await _parceler.SyncAsync("netsec")).Error.Should().BeNull();

        await WholeAsync();
    }

    [Theory]
    [InlineData(Blobs, S3Fault.Unavailable, "503")]
    [InlineData(Blobs, S3Fault.Cut, "can't be written")]
    [InlineData(Blobs, S3Fault.Silent, "did not answer in time")]
    [InlineData(Blobs, S3Fault.AnswerLost, "can't be written")]
    [InlineData(Blobs, S3Fault.Empty, "not that of a store")]
    [InlineData(Listings, S3Fault.Unavailable, "503")]
    [InlineData(Listings, S3Fault.Truncated, "can't be listed")]
    [InlineData(Listings, S3Fault.Stalled, "can't be listed")]
    [InlineData(Listings, S3Fault.Empty, "no whole listing")]
    [InlineData(Manifests, S3Fault.Unavailable, "503")]
    [InlineData(Manifests, S3Fault.Silent, "did not answer in time")]
    [InlineData(Manifests, S3Fault.Empty, "not that of a store")]
    internal async Task What_stays_makes_no_snapshot_and_says_why(string where, S3Fault fault, string reason)
    {
        _bucket.Proxy.FailAll(where, fault);
        _parceler.ExpectsFailures = true;

        var error = (await _parceler.SyncAsync("netsec")).Error;

        error.Should().Contain(reason).And.Contain(_bucket.Settings.Bucket).And.NotContain(_bucket.Settings.SecretKey);
        (await _parceler.SnapshotsAsync("netsec")).Should().BeEmpty();
        _bucket.Proxy.Fault = _ => S3Fault.None;
        await _parceler.Get<ScanSnapshots>().RunAsync(Cancellation);
        (await _parceler.SnapshotsAsync("netsec")).Should().BeEmpty();

        (await _parceler.SyncAsync("netsec")).Error.Should().BeNull();
        await WholeAsync();
    }

    [Theory]
    [InlineData(S3Fault.Truncated)]
    [InlineData(S3Fault.Stalled)]
    [InlineData(S3Fault.Cut)]
    [InlineData(S3Fault.Unavailable)]
    internal async Task A_blob_whose_bytes_stop_coming_is_read_on_from_there(S3Fault fault)
    {
        var content = new string('x', 3 << 20);
        _parceler.WriteUpstream("netsec", "0.ipk", content);
        await _parceler.SyncAsync("netsec");
        _bucket.Proxy.FailFirst(2, Digest.Of(System.Text.Encoding.UTF8.GetBytes(content)).ToString(), fault);

        await WholeAsync();
    }

    private async Task WholeAsync()
    {
        (await _parceler.SnapshotsAsync("netsec")).Should().ContainSingle();
        var verification = await _parceler.Get<VerifyStore>().RunAsync(removeDamaged: false, (_, _, _) => { }, Cancellation);
        (verification.IsGood, verification.Blobs).Should().Be((true, 40));
    }
}
