using Parceler.Repositories;
using Parceler.Snapshots;
using Parceler.Storage;
using Parceler.Tests.Support;

namespace Parceler.Tests.Snapshots;

public class CollectGarbageTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromHours(72);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deletes_what_two_passes_a_grace_period_apart_found_unreferenced()
    {
        await using var store = await TestStore.OpenAsync();
        var (repository, old) = await TwoSnapshotsAsync(store);
        await store.Manifests.DeleteAsync("base", old.Instant, Cancellation);
        store.Clock.Advance(TimeSpan.FromHours(1));

        var first = await CollectAsync(store);
        store.Clock.Advance(Grace - TimeSpan.FromMinutes(1));
        var early = await CollectAsync(store);
        store.Clock.Advance(TimeSpan.FromMinutes(1));
        var due = await CollectAsync(store);

        (first.Unreferenced, first.Deleted, early.Deleted).Should().Be((1, 0, 0));
        (due.Deleted, due.BytesFreed).Should().Be((1, 3));
        store.Blobs.Has(Digest.Of("old"u8), 3).Should().BeFalse();
        store.Blobs.Has(Digest.Of("new"u8), 3).Should().BeTrue();
        store.Blobs.Has(Digest.Of("kept"u8), 4).Should().BeTrue();
    }

    [Fact]
    public async Task Spares_a_blob_that_was_put_again()
    {
        await using var store = await TestStore.OpenAsync();
        var (repository, old) = await TwoSnapshotsAsync(store);
        await store.Manifests.DeleteAsync("base", old.Instant, Cancellation);
        await CollectAsync(store);
        store.Clock.Advance(Grace);

        store.WriteSource("base", "again.ipk", "old"); // a sync has read it, and has not committed yet
        using var running = store.OpenIntake(repository);
        running.Run(Cancellation);
        store.Clock.Advance(TimeSpan.FromMinutes(1));

        (await CollectAsync(store)).Deleted.Should().Be(0);
        store.Blobs.Has(Digest.Of("old"u8), 3).Should().BeTrue();
    }

    [Fact]
    public async Task Deletes_nothing_while_a_manifest_is_damaged()
    {
        await using var store = await TestStore.OpenAsync();
        var (_, old) = await TwoSnapshotsAsync(store);
        var manifest = store.Disk.PathOf(ManifestStore.KeyOf("base", old.Instant));
        File.WriteAllBytes(manifest, File.ReadAllBytes(manifest)[..40]);

        var collect = () => CollectAsync(store);

        await collect.Should().ThrowAsync<CorruptManifestException>();
        store.Blobs.Has(Digest.Of("old"u8), 3).Should().BeTrue();
    }

    [Fact]
    public async Task Deletes_nothing_while_all_manifests_of_a_repository_are_gone()
    {
        await using var store = await TestStore.OpenAsync();
        await TwoSnapshotsAsync(store);
        Directory.Delete(store.Disk.PathOf(StorageKeys.SnapshotsOf("base")), recursive: true);

        var collect = () => CollectAsync(store);

        (await collect.Should().ThrowAsync<RefusedException>()).WithMessage("*'base'*");
    }

    [Fact]
    public async Task Deletes_nothing_while_manifests_are_missing_that_vanished_at_once()
    {
        await using var store = await TestStore.OpenAsync();
        var (repository, old) = await TwoSnapshotsAsync(store);
        Directory.Delete(store.Disk.PathOf(StorageKeys.SnapshotsOf("base")), recursive: true);
        await store.Db.WriteAsync(session => SnapshotCatalog.MarkMissingAsync(session, repository, [old.Instant], isMissing: true), Cancellation);
        store.Clock.Advance(TimeSpan.FromDays(1));
        await store.SnapshotAsync(repository);

        var collect = () => CollectAsync(store);

        (await collect.Should().ThrowAsync<RefusedException>()).WithMessage("*'base'*");
    }

    private static async Task<(Parceler.Repositories.Repository, SnapshotSummary Old)> TwoSnapshotsAsync(TestStore store)
    {
        var repository = await store.CreateAsync("base");
        store.WriteSource("base", "kept.ipk", "kept");
        store.WriteSource("base", "a.ipk", "old");
        var old = await store.SnapshotAsync(repository);
        store.Clock.Advance(TimeSpan.FromDays(1));
        store.WriteSource("base", "a.ipk", "new");
        await store.SnapshotAsync(repository);
        return (repository, old);
    }

    private static Task<Collection> CollectAsync(TestStore store) =>
        new CollectGarbage(store.Db, store.Identity, store.Work, store.Blobs, store.Manifests, store.Clock).RunAsync(Grace, (_, _, _) => { }, Cancellation);
}
