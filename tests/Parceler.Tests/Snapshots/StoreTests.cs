using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Parceler.Database;
using Parceler.Repositories;
using Parceler.Snapshots;
using Parceler.Storage;
using Parceler.Tests.Support;

namespace Parceler.Tests.Snapshots;

public class StoreTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_snapshot_whose_blob_is_gone_is_not_made()
    {
        await using var store = await TestStore.OpenAsync();
        var repository = await store.CreateAsync("base");
        store.WriteSource("base", "a.ipk", "a");
        using var intake = store.OpenIntake(repository);
        var files = intake.Run(Cancellation);
        File.Delete(store.Blobs.LocalPathOf(files[0].Digest));

        var (snapshot, missing) = await store.Commit.RunAsync(new(repository, files, 1, "test"), Cancellation);

        snapshot.Should().BeNull();
        missing.Should().Equal(files);
        (await store.Manifests.ListAsync("base", Cancellation)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_clock_that_steps_back_never_makes_old_content_newest()
    {
        await using var store = await TestStore.OpenAsync();
        var repository = await store.CreateAsync("base");
        store.WriteSource("base", "a.ipk", "a");
        var first = await store.SnapshotAsync(repository);
        store.Clock.AdjustTime(store.Clock.GetUtcNow() - TimeSpan.FromHours(5));

        var second = await store.SnapshotAsync(repository);

        second.Instant.UnixSeconds.Should().Be(first.Instant.UnixSeconds + 1);
        second.NewBytes.Should().Be(0);
    }

    [Fact]
    public async Task A_newest_snapshot_more_than_a_day_ahead_names_the_clock()
    {
        await using var store = await TestStore.OpenAsync();
        var repository = await store.CreateAsync("base");
        store.WriteSource("base", "a.ipk", "a");
        await store.SnapshotAsync(repository);
        store.Clock.AdjustTime(store.Clock.GetUtcNow() - TimeSpan.FromHours(25));

        var sync = () => store.SnapshotAsync(repository);

        (await sync.Should().ThrowAsync<RefusedException>()).WithMessage("*clock*");
    }

    [Fact]
    public async Task A_commit_after_the_repository_was_deleted_keeps_nothing()
    {
        await using var store = await TestStore.OpenAsync();
        var repository = await store.CreateAsync("base");
        store.WriteSource("base", "a.ipk", "a");
        await store.Db.WriteAsync(session => RepositoryCatalog.RemoveAsync(session, repository), Cancellation);

        var sync = () => store.SnapshotAsync(repository);

        await sync.Should().ThrowAsync<RefusedException>();
        (await store.Manifests.ListAsync("base", Cancellation)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_manifest_removed_by_hand_is_a_deletion_and_one_restored_is_back()
    {
        await using var store = await TestStore.OpenAsync();
        var (repository, first, second) = await TwoAsync(store);
        var path = store.Disk.PathOf(ManifestStore.KeyOf("base", first.Instant));
        var content = File.ReadAllBytes(path);

        File.Delete(path);
        await ScanAsync(store);
        var without = await store.Snapshots.ListAsync(repository, Cancellation);
        File.WriteAllBytes(path, content);
        await ScanAsync(store);

        without.Should().BeEquivalentTo([second]);
        (await store.Snapshots.ListAsync(repository, Cancellation)).Should().BeEquivalentTo([first, second]);
    }

    [Fact]
    public async Task Of_many_manifests_that_can_not_be_used_a_few_are_read_at_every_scan()
    {
        await using var store = await TestStore.OpenAsync();
        var (repository, first, second) = await TwoAsync(store);
        var path = store.Disk.PathOf(ManifestStore.KeyOf("base", first.Instant));
        var content = File.ReadAllBytes(path);
        File.Delete(path);
        await ScanAsync(store);
        foreach (var before in Enumerable.Range(0, 8))
        {
            File.WriteAllText(store.Disk.PathOf(ManifestStore.KeyOf("base", new(first.Instant.UnixSeconds - before))), "half of it");
        }

        var scan = Scan(store);

        await scan.RunAsync(Cancellation);
        File.WriteAllBytes(path, content);
        await scan.RunAsync(Cancellation);
        var atOnce = await store.Snapshots.ListAsync(repository, Cancellation);
        await scan.RunAsync(Cancellation);

        atOnce.Should().BeEquivalentTo([second]);
        (await store.Snapshots.ListAsync(repository, Cancellation)).Should().BeEquivalentTo([first, second]);
    }

    [Fact]
    public async Task A_store_that_is_gone_is_no_deletion()
    {
        await using var store = await TestStore.OpenAsync();
        var (repository, _, _) = await TwoAsync(store);
        File.Delete(store.Disk.PathOf(StorageKeys.Identity));
        Directory.Delete(store.Disk.PathOf("snapshots"), recursive: true);

        await ScanAsync(store);

        (await store.Snapshots.ListAsync(repository, Cancellation)).Should().HaveCount(2);
    }

    [Fact]
    public async Task All_manifests_vanished_at_once_is_no_deletion()
    {
        await using var store = await TestStore.OpenAsync();
        var (repository, _, _) = await TwoAsync(store);
        Directory.Delete(store.Disk.PathOf("snapshots/base"), recursive: true);

        await ScanAsync(store);

        (await store.Snapshots.ListAsync(repository, Cancellation)).Should().HaveCount(2);
    }

    [Fact]
    public async Task What_vanished_at_once_is_no_deletion_after_the_next_sync_either_and_is_whole_when_it_is_back()
    {
        await using var store = await TestStore.OpenAsync();
        var (repository, first, second) = await TwoAsync(store);
        var folder = store.Disk.PathOf("snapshots/base");
        Directory.Move(folder, folder + ".away");
        await ScanAsync(store);

        store.Clock.Advance(TimeSpan.FromDays(1));
        var third = await store.SnapshotAsync(repository);
        await ScanAsync(store);
        var without = await store.Snapshots.ListAsync(repository, Cancellation);
        foreach (var file in Directory.GetFiles(folder + ".away"))
        {
            File.Move(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        await ScanAsync(store);
        File.Delete(store.Disk.PathOf(ManifestStore.KeyOf("base", first.Instant)));
        await ScanAsync(store);

        without.Should().BeEquivalentTo([first, second, third]);
        (await store.Snapshots.ListAsync(repository, Cancellation)).Should().BeEquivalentTo([second, third]);
    }

    [Fact]
    public async Task A_database_on_the_wrong_storage_is_refused()
    {
        await using var store = await TestStore.OpenAsync();
        File.WriteAllText(store.Disk.PathOf(StorageKeys.Identity), """{"id":"another","createdAt":"2026-01-01T00:00:00+00:00"}""");

        var start = () => store.Identity.EstablishAsync(Cancellation);

        (await start.Should().ThrowAsync<WrongStoreException>()).WithMessage("*another*");
    }

    [Fact]
    public async Task Verify_names_each_damaged_and_missing_blob_and_the_snapshots_it_breaks()
    {
        await using var store = await TestStore.OpenAsync();
        var (_, first, second) = await TwoAsync(store);
        File.WriteAllText(store.Blobs.LocalPathOf(Digest.Of("kept"u8)), "kEpt");
        File.Delete(store.Blobs.LocalPathOf(Digest.Of("old"u8)));

        var verification = await new VerifyStore(store.Blobs, store.Manifests).RunAsync(removeDamaged: false, (_, _, _) => { }, Cancellation);

        verification.Blobs.Should().Be(3);
        var damaged = verification.Broken.Single(b => b.Digest == Digest.Of("kept"u8));
        damaged.Problem.Should().StartWith("damaged");
        damaged.Files.Should().Equal(new BrokenFile("base", first.Instant, "kept.ipk"), new BrokenFile("base", second.Instant, "kept.ipk"));
        var missing = verification.Broken.Single(b => b.Digest == Digest.Of("old"u8));
        missing.Problem.Should().Be("missing");
        missing.Files.Should().Equal(new BrokenFile("base", first.Instant, "a.ipk"));
    }

    [Fact]
    public async Task A_lock_that_cannot_be_opened_is_not_waited_for()
    {
        Assert.SkipWhen(TestDatabase.IsPostgres, "its locks are no files");
        await using var store = await TestStore.OpenAsync();
        var locks = Directory.CreateDirectory(store.Disk.PathOf("database.sqlite-locks"));
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(locks.FullName, "a.lock")));

        var taking = () => store.Db.LockAsync("a", Cancellation).WaitAsync(TimeSpan.FromSeconds(1), TimeProvider.System, Cancellation);

        await taking.Should().ThrowAsync<IOException>();
    }

    [Fact]
    public async Task A_lost_database_is_rebuilt_from_the_storage()
    {
        await using var store = await TestStore.OpenAsync();
        var (repository, first, second) = await TwoAsync(store);
        var frozen = repository with { Freeze = first.Instant.UnixSeconds, Served = first.Instant.UnixSeconds, ServedFrozen = true };
        await store.Change.RunAsync(repository.Name, async (session, _) => await RepositoryCatalog.UpdateAsync(session, frozen), Cancellation);
        var lost = new SqliteDb(store.Disk.PathOf("another.sqlite"));
        await lost.MigrateAsync(Cancellation);
        var repositories = new RepositoryCatalog(lost);
        var identity = new StoreIdentity(lost, store.Disk, store.Clock);

        var start = () => identity.EstablishAsync(Cancellation);
        var recovery = await new RecoverDatabase(lost, identity, repositories, new RepositoryFiles(lost, store.Disk), store.Manifests).RunAsync((_, _, _) => { }, Cancellation);

        (recovery.Repositories, recovery.Snapshots).Should().Be((1, 2));
        recovery.Problems.Should().BeEmpty();
        (await repositories.GetAsync(repository.Name, Cancellation)).Should().BeEquivalentTo(frozen);
        (await new SnapshotCatalog(lost).ListAsync(frozen, Cancellation)).Should().BeEquivalentTo([first, second]);
        await start.Should().NotThrowAsync();
    }

    private static async Task<(Repository, SnapshotSummary First, SnapshotSummary Second)> TwoAsync(TestStore store)
    {
        var repository = await store.CreateAsync("base");
        store.WriteSource("base", "kept.ipk", "kept");
        store.WriteSource("base", "a.ipk", "old");
        var first = await store.SnapshotAsync(repository);
        store.Clock.Advance(TimeSpan.FromDays(1));
        store.WriteSource("base", "a.ipk", "new");
        return (repository, first, await store.SnapshotAsync(repository));
    }

    private static Task ScanAsync(TestStore store) => Scan(store).RunAsync(Cancellation);

    private static ScanSnapshots Scan(TestStore store) =>
        new(store.Db, store.Identity, store.Repositories, store.Snapshots, store.Manifests, store.Blobs, NullLogger<ScanSnapshots>.Instance);
}
