using System.Collections.Frozen;
using Parceler.Delivery;
using Parceler.Entitlements;
using Parceler.Snapshots;
using Parceler.Storage;
using Parceler.Tests.Support;

namespace Parceler.Tests.Delivery;

/// <summary>What a session costs, and what it shares.</summary>
public sealed class SessionsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_in_a_session_allocates_nothing()
    {
        await using var parceler = await TestParceler.StartAsync();
        parceler.WriteUpstream("netsec", "Packages.gz", "index");
        parceler.WriteUpstream("netsec", "hello.ipk", "hello");
        await parceler.CreateAsync("netsec");
        var (sessions, machine, now) = (parceler.Get<Sessions>(), MachineOf(1), parceler.Clock.GetUtcNow());
        parceler.Get<CurrentDeliveryMap>().Map.TryFind("netsec", out var repository).Should().BeTrue();
        sessions.TryFind(repository!, machine, "Packages.gz", now, out _);
        await parceler.Get<LeaseStore>().FlushAsync(Cancellation);
        Ask(100);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Ask(10_000);

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(1_000);

        void Ask(int times)
        {
            for (var i = 0; i < times; i++)
            {
                sessions.TryFind(repository!, machine, i % 2 == 0 ? "Packages.gz" : "hello.ipk", now, out var file);
                sessions.TryFind(repository!, machine, "absent.ipk", now, out var absent);
                if (file is null || absent is not null)
                {
                    throw new InvalidOperationException();
                }
            }
        }
    }

    [Fact]
    public void A_hundred_thousand_readings_fit_into_20_MB_and_the_oldest_go_first()
    {
        var readings = new Readings(new(LeaseTimes.Usual), most: 100_000);
        var serving = new ServedTree(TreeOf(1, ("a", 1)), DateTimeOffset.UnixEpoch, FrozenDictionary<string, DateTimeOffset>.Empty);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        for (var number = 0; number < 110_000; number++)
        {
            readings.Replace(new("repository", MachineOf(number)), null, new(serving, number, number));
        }

        readings.MakeRoom();
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        readings.Count.Should().Be(100_000);
        readings.Find(new("repository", MachineOf(9_999))).Should().BeNull();
        readings.Find(new("repository", MachineOf(10_000))).Should().NotBeNull();
        bytes.Should().BeLessThan(20_000_000);
        TestContext.Current.TestOutputHelper?.WriteLine($"{bytes / 100_000} bytes a reading");
    }

    [Fact]
    public void Trees_share_what_is_the_same_in_both()
    {
        var first = TreeOf(1, ("same", 1), ("other", 1));
        var second = new SnapshotTree(ManifestOf(2, ("same", 1), ("other", 2)), first);

        second.TryFind("same", out var same).Should().BeTrue();
        first.TryFind("same", out var sameBefore).Should().BeTrue();
        same.Should().BeSameAs(sameBefore);
        second.TryFind("other", out var other).Should().BeTrue();
        first.TryFind("other", out var otherBefore).Should().BeTrue();
        other!.Digest.Should().NotBe(otherBefore!.Digest);
        other.Path.Should().BeSameAs(otherBefore.Path);
    }

    private static MachineKey MachineOf(int number) => new(Digest.Of(BitConverter.GetBytes(number)).AsSpan());

    private static SnapshotTree TreeOf(int instant, params (string Path, byte Content)[] files) => new(ManifestOf(instant, files));

    private static Manifest ManifestOf(int instant, params (string Path, byte Content)[] files)
    {
        SnapshotFile[] made = [.. files.Select(file => new SnapshotFile(new string(file.Path), Digest.Of([file.Content]), 1, 1))];
        return new(new("netsec", "id", new(instant), made.Length, made.Length, 0, Manifest.TreeDigest(made), null, false, "test"), made);
    }
}
