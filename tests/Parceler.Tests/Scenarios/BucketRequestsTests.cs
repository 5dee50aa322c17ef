using System.Globalization;
using Parceler.Tests.Support;

namespace Parceler.Tests.Scenarios;

/// <summary>What syncs ask of a store that charges for each request. PARCELER_BUCKET_FILES takes another number of files than the usual 2,500.</summary>
[Trait("Speed", "slow")]
public sealed class BucketRequestsTests : IAsyncLifetime
{
    private static readonly int s_files = int.Parse(Environment.GetEnvironmentVariable("PARCELER_BUCKET_FILES") ?? "2500", CultureInfo.InvariantCulture);
    private static readonly int s_pages = (s_files + 999) / 1000; // of a listing of so many blobs
    private TestBucket _bucket = null!;
    private TestParceler _parceler = null!;

    public async ValueTask InitializeAsync()
    {
        _bucket = await TestBucket.OpenAsync();
        _parceler = await TestParceler.StartAsync(_bucket.Service);
        for (var number = 0; number < s_files; number++)
        {
            Write(number, "first");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _parceler.DisposeAsync();
        await _bucket.DisposeAsync();
    }

    [Fact]
    public async Task A_sync_costs_two_requests_for_each_changed_file_and_one_for_a_thousand_blobs()
    {
        await _parceler.CreateAsync("netsec", delay: 0, sync: false);

        var first = await CountAsync();
        var unchanged = await CountAsync();
        for (var number = 0; number < s_files; number += 100)
        {
            Write(number, "second");
        }

        var changed = await CountAsync();

        TestContext.Current.TestOutputHelper!.WriteLine($"first: {Shown(first)}\nunchanged: {Shown(unchanged)}\n1 % changed: {Shown(changed)}");
        foreach (var (requests, most) in new[] { (first, s_files), (unchanged, 0), (changed, s_files / 100) })
        {
            requests.Count(IsListing).Should().BeLessThanOrEqualTo(s_pages + 3); // one more of blobs where the last is full, and the snapshots that there are or were
            requests.Count(request => !IsListing(request)).Should().BeLessThanOrEqualTo((2 * most) + 5);
        }

        changed.Count(request => request.StartsWith("PUT ", StringComparison.Ordinal) && request.Contains("/blobs/", StringComparison.Ordinal)).Should().Be(s_files / 100);
    }

    private void Write(int number, string content) => _parceler.WriteUpstream("netsec", $"{number % 100:d2}/{number:d5}.ipk", $"{content} {number}");

    private async Task<List<string>> CountAsync()
    {
        _bucket.Proxy.Requests.Clear();
        (await _parceler.SyncAsync("netsec")).Error.Should().BeNull();
        return [.. _bucket.Proxy.Requests];
    }

    private static bool IsListing(string request) => request.Contains("list-type", StringComparison.Ordinal);

    private static string Shown(List<string> requests) =>
        $"{requests.Count}: " + string.Join(", ", requests.GroupBy(Kind).Select(kind => $"{kind.Count()} {kind.Key}"));

    private static string Kind(string request)
    {
        var (verb, target) = (request.Split(' ')[0], Uri.UnescapeDataString(request.Split(' ')[1]));
        var folders = new[] { "blobs/", "snapshots/", "grace/", "repositories/", "parceler.json", "machines.json" };
        return $"{verb}{(IsListing(request) ? " (list)" : "")} {folders.FirstOrDefault(folder => target.Contains(folder, StringComparison.Ordinal))}";
    }
}
