using System.Collections.Frozen;
using Parceler.Database;
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
    public async Task A_request_that_a_switch_overtook_starts_no_session_on_what_was_served()
    {
        await using var parceler = await TestParceler.StartAsync();
        var before = await ServeTwoAsync(parceler);
        var (sessions, machine, now) = (parceler.Get<Sessions>(), MachineOf(1), parceler.Clock.GetUtcNow());

        sessions.TryFind(before, machine, "Packages.gz", now, out _).Should().BeFalse();

        parceler.Get<Readings>().Count.Should().Be(0);
        parceler.Get<CurrentDeliveryMap>().Map.TryFind("netsec", out var served);
        var file = await sessions.FindAsync("netsec", machine, "Packages.gz", Cancellation);
        file!.Value.File.Digest.Should().Be(served!.Find("Packages.gz")!.Value.File.Digest);
    }

    [Fact]
    public async Task A_renewal_while_the_news_of_other_servers_are_taken_over_is_kept()
    {
        const int renewals = 3_000_000; // one is lost in some hundred thousand if nothing is done about it
        await using var parceler = await TestParceler.StartAsync();
        var serving = (await ServeTwoAsync(parceler)).Served!;
        var (readings, reader, start) = (parceler.Get<Readings>(), new Reader("netsec", MachineOf(1)), parceler.Clock.GetUtcNow().ToUnixTimeMilliseconds());
        var reading = readings.Start(reader, null, serving, start);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var news = Task.Run(() => TakeNews(enough.Token), Cancellation);

        var lost = 0;
        for (var now = start + 1; now <= start + renewals; now++)
        {
            reading.Renew(now);
            lost += reading.Span.RenewedAt == now ? 0 : 1;
        }

        await enough.CancelAsync();
        await news;
        lost.Should().Be(0);

        void TakeNews(CancellationToken end)
        {
            while (!end.IsCancellationRequested)
            {
                readings.Take(new(reader, serving.SinceMilliseconds, new(start, start)), serving, start + renewals);
            }
        }
    }

    [Fact]
    public async Task Sessions_of_a_switch_that_is_not_known_yet_are_taken_later_and_hold_up_no_others()
    {
        await using var parceler = await TestParceler.StartAsync();
        var before = await ServeTwoAsync(parceler);
        parceler.Get<CurrentDeliveryMap>().Map.TryFind("netsec", out var served);
        var (store, now) = (parceler.Get<LeaseStore>(), parceler.Clock.GetUtcNow().ToUnixTimeMilliseconds());
        for (var number = 0; number < 10; number++)
        {
            store.NoteStart(new(before.Id, MachineOf(number)), new(number % 2 == 0 ? before.Served! : served!.Served!, now, now, epoch: 0));
        }

        await store.FlushAsync(Cancellation);
        var readings = new Readings(parceler.Get<LeaseRule>(), parceler.Get<ClockEpoch>());
        var news = new LeaseNews(parceler.Get<ParcelerDb>(), readings, parceler.Get<LeaseRule>(), parceler.Clock);
        await news.LoadAsync(new Dictionary<string, ServedRepository> { [before.Id] = before }, Cancellation);
        readings.Count.Should().Be(5);
        await news.LoadAsync(new Dictionary<string, ServedRepository> { [before.Id] = served! }, Cancellation);
        readings.Count.Should().Be(10);
    }

    [Fact]
    public async Task Each_renewal_is_written_within_a_minute_though_not_at_once()
    {
        await using var parceler = await TestParceler.StartAsync();
        var before = await ServeTwoAsync(parceler);
        var (store, rule, began) = (parceler.Get<LeaseStore>(), parceler.Get<LeaseRule>(), parceler.Clock.GetUtcNow().ToUnixTimeMilliseconds());
        var (reader, reading) = (new Reader(before.Id, MachineOf(1)), new Reading(before.Served!, began, began, epoch: 0));
        store.NoteStart(reader, reading);
        await store.FlushAsync(Cancellation);

        reading.Renew(began + 20_000);
        store.NoteRenewal(reader, reading);
        await store.FlushDueAsync(Cancellation);
        reading.WrittenAt.Should().Be(began);

        parceler.Clock.Advance(TimeSpan.FromSeconds(61));
        await store.FlushDueAsync(Cancellation);
        reading.WrittenAt.Should().Be(began + 20_000);
        rule.IsCertain(reading.Span, began + 61_000).Should().BeTrue();
    }

    [Fact]
    public void A_hundred_thousand_readings_fit_into_20_MB_and_the_oldest_go_first()
    {
        var readings = new Readings(new(LeaseTimes.Usual), new(TimeProvider.System), most: 100_000);
        var serving = new ServedTree(TreeOf(1, ("a", 1)), DateTimeOffset.UnixEpoch, FrozenDictionary<string, DateTimeOffset>.Empty);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        for (var number = 0; number < 110_000; number++)
        {
            readings.Start(new("repository", MachineOf(number)), null, serving, number);
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
    public async Task A_hundred_thousand_sessions_on_ten_thousand_files_fit_into_40_MB_before_any_of_them_is_written()
    {
        await using var parceler = await TestParceler.StartAsync();
        var (readings, store) = (parceler.Get<Readings>(), parceler.Get<LeaseStore>());
        var (index, files) = (("Packages.gz", (byte)0), Enumerable.Range(0, 10_000).Select(number => ($"packages/p{number}_1.0-r1_x86_64.ipk", (byte)number)));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var serving = new ServedTree(TreeOf(1, [index, .. files]), DateTimeOffset.UnixEpoch, FrozenDictionary<string, DateTimeOffset>.Empty);
        var (loaded, now) = (GC.GetTotalMemory(forceFullCollection: true) - before, parceler.Clock.GetUtcNow().ToUnixTimeMilliseconds());

        for (var number = 0; number < 100_000; number++)
        {
            var reader = new Reader("id", MachineOf(number));
            store.NoteStart(reader, readings.Start(reader, null, serving, now));
        }

        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before - loaded;
        GC.KeepAlive(serving);
        TestContext.Current.TestOutputHelper?.WriteLine($"{loaded / 10_000} bytes a file, {bytes / 100_000} bytes a session");
        bytes.Should().BeLessThan(40_000_000);
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

    // The repository as it was when the first of two snapshots was served.
    private static async Task<ServedRepository> ServeTwoAsync(TestParceler parceler)
    {
        parceler.WriteUpstream("netsec", "Packages.gz", "index 1");
        await parceler.CreateAsync("netsec", delay: 0);
        parceler.Get<CurrentDeliveryMap>().Map.TryFind("netsec", out var before).Should().BeTrue();
        parceler.Clock.Advance(TimeSpan.FromHours(1));
        parceler.WriteUpstream("netsec", "Packages.gz", "index 2");
        await parceler.SyncAsync("netsec");
        await parceler.SettleAsync();
        return before!;
    }

    private static MachineKey MachineOf(int number) => new(Digest.Of(BitConverter.GetBytes(number)).AsSpan());

    private static SnapshotTree TreeOf(int instant, params (string Path, byte Content)[] files) => new(ManifestOf(instant, files));

    private static Manifest ManifestOf(int instant, params (string Path, byte Content)[] files)
    {
        SnapshotFile[] made = [.. files.Select(file => new SnapshotFile(new string(file.Path), Digest.Of([file.Content]), 1, 1))];
        return new(new("netsec", "id", new(instant), made.Length, made.Length, 0, Manifest.TreeDigest(made), null, false, "test"), made);
    }
}
