using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Parceler.Database;
using Parceler.Repositories;
using Parceler.Snapshots;
using Parceler.Storage;

namespace Parceler.Tests.Support;

/// <summary>A database and a storage in a folder of their own, with a clock that the test moves; no service runs on them.</summary>
internal sealed class TestStore : IAsyncDisposable
{
    private readonly TempFolder _folder = TempFolder.InMemory();

    private readonly TestDatabase _database;

    private TestStore(TestDatabase database)
    {
        _database = database;
        Work = new(_folder["storage"]);
        Disk = new(Work);
        Db = database.Open(_folder["storage/database.sqlite"]);
        Blobs = new(Db, Disk, Work, Clock);
        Manifests = new(Disk);
        Repositories = new(Db);
        Snapshots = new(Db);
        Identity = new(Db, Disk, Clock);
        Commit = new(Db, Blobs, Manifests, Clock);
        Files = new(Db, Disk);
        Feed = new(Db, Clock, NullLogger<ChangeFeed>.Instance);
        Change = new(Db, Files, Feed);
    }

    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.Parse("2026-09-01T00:00:00Z", null));
    public WorkFolder Work { get; }
    public LocalDisk Disk { get; }
    public ParcelerDb Db { get; }
    public LocalBlobs Blobs { get; }
    public ManifestStore Manifests { get; }
    public RepositoryCatalog Repositories { get; }
    public SnapshotCatalog Snapshots { get; }
    public StoreIdentity Identity { get; }
    public CommitSnapshot Commit { get; }
    public RepositoryFiles Files { get; }
    public ChangeFeed Feed { get; }
    public ChangeRepository Change { get; }

    public static async Task<TestStore> OpenAsync()
    {
        var store = new TestStore(await TestDatabase.MakeAsync());
        await store.Db.MigrateAsync(TestContext.Current.CancellationToken);
        await store.Identity.EstablishAsync(TestContext.Current.CancellationToken);
        return store;
    }

    public Task<Repository> CreateAsync(string name, int delay = 7) =>
        new CreateRepository(Db, Files, Feed, Clock).RunAsync(
            RepositoryName.Parse(name),
            new("true", "", delay, AllowEmpty: false, TimeLimit: null),
            trust: [],
            also: null,
            TestContext.Current.CancellationToken
        );

    /// <summary>Writes a file of a repository's source folder.</summary>
    public string WriteSource(string repository, string path, string content) => _folder.Write($"storage/source/{repository}/{path}", content);

    public SourceIntake OpenIntake(Repository repository, Progress? progress = null) =>
        new(Blobs, new SourceTree(Disk.PathOf(StorageKeys.Source(repository.Name.ToString())), repository.SourceFolder), _folder[$"{repository.Id}.index"], progress ?? ((_, _, _) => { }));

    /// <summary>Takes the source folder in as it is and makes a snapshot of it.</summary>
    public async Task<SnapshotSummary> SnapshotAsync(Repository repository)
    {
        using var intake = OpenIntake(repository);
        var files = intake.Run(TestContext.Current.CancellationToken);
        var (snapshot, missing) = await Commit.RunAsync(new(repository, files, intake.NewBytes, "test"), TestContext.Current.CancellationToken);
        missing.Should().BeEmpty();
        return snapshot!;
    }

    public ValueTask DisposeAsync()
    {
        Feed.Dispose();
        (Db as IDisposable)?.Dispose();
        _database.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
