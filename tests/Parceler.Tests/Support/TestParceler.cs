using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Parceler.App;
using Parceler.App.Configuration;
using Parceler.Database;
using Parceler.Delivery;
using Parceler.Entitlements;
using Parceler.Jobs;
using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Snapshots;
using Parceler.Storage;
using Parceler.Tests.Entitlements;

namespace Parceler.Tests.Support;

/// <summary>
/// The real service on a port of its own, with a database and a local disk of its own, a clock that the test
/// moves and a licence authority that the test teaches. Jobs run when the test says so; one that failed unexpectedly
/// fails the test.
/// </summary>
internal sealed class TestParceler : IAsyncDisposable
{
    public const string Machine = "NETH-0001";
    public const string Secret = "s3cret";
    private readonly TempFolder _folder;
    private readonly TestDatabase _database;
    private readonly TestParceler? _host;
    private readonly Dictionary<string, string?> _settings;
    private readonly string _urls;
    private WebApplication? _app;

    private TestParceler(FakeLicenceServer licences, TestDatabase database, Dictionary<string, string?> settings, string urls, TestParceler? host = null)
    {
        _database = database;
        _host = host;
        _folder = host?._folder ?? TempFolder.InMemory();
        Clock = host?.Clock ?? new(DateTimeOffset.Parse("2026-09-01T06:00:00Z", null));
        Licences = licences;
        _urls = urls;
        _settings = new()
        {
            ["STORAGE_PATH"] = _folder["storage"],
            ["ENTERPRISE_ENDPOINT"] = licences.Enterprise.ToString(),
            ["COMMUNITY_ENDPOINT"] = licences.Community.ToString(),
            ["REPOSITORY_RELEASE_TOKEN"] = "release-token",
            ["GATE_TRIES"] = "1", // nobody would pass the time in between
        };
        foreach (var (name, value) in database.Settings.Concat(settings))
        {
            _settings[name] = value;
        }
    }

    public FakeTimeProvider Clock { get; }
    public FakeLicenceServer Licences { get; }
    public LogLines Log { get; } = new();

    /// <summary>Whether a failed job is part of the test's story.</summary>
    public bool ExpectsFailures { get; set; }

    public Uri Address => new(_app!.Urls.Single());
    public string StorageFolder => _folder["storage"];
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<TestParceler> StartAsync(Dictionary<string, string?>? settings = null, string urls = "http://127.0.0.1:0")
    {
        var licences = await FakeLicenceServer.StartAsync();
        licences.Allow(Machine, Secret);
        var storage = await TestStorage.SettingsAsync();
        foreach (var (name, value) in settings ?? [])
        {
            storage[name] = value;
        }

        var parceler = new TestParceler(licences, await TestDatabase.MakeAsync(), storage, urls);
        await parceler.StartServiceAsync();
        return parceler;
    }

    /// <summary>Another web server on the same storage and database, with the same clock. To be disposed of before this one.</summary>
    public async Task<TestParceler> StartAnotherAsync()
    {
        var another = new TestParceler(Licences, _database, _settings, _urls, this);
        await another.StartServiceAsync();
        return another;
    }

    public T Get<T>()
        where T : notnull => _app!.Services.GetRequiredService<T>();

    /// <summary>The keys of the storage that begin so, in order.</summary>
    public async Task<List<string>> KeysAsync(string prefix) =>
        (await Get<StorageDisk>().ListAsync(prefix, Cancellation).ToListAsync(Cancellation)).ConvertAll(stored => stored.Key).Order(StringComparer.Ordinal).ToList();

    /// <summary>Ends the service and starts it anew on what it left.</summary>
    public async Task RestartAsync(params (string Name, string? Value)[] changes)
    {
        foreach (var (name, value) in changes)
        {
            _settings[name] = value;
        }

        await StopServiceAsync();
        await StartServiceAsync();
    }

    /// <summary>The folder that stands for the upstream of a repository.</summary>
    public string UpstreamOf(string repository) => _folder[$"upstream/{repository}"];

    public string WriteUpstream(string repository, string path, string content) => _folder.Write($"upstream/{repository}/{path}", content);

    /// <summary>Adds a repository whose command copies its upstream folder, and syncs it once.</summary>
    public async Task CreateAsync(string name, int delay = 7, string? command = null, string sourceFolder = "", bool allowEmpty = false, bool sync = true)
    {
        Directory.CreateDirectory(UpstreamOf(name));
        var copy = $"rm -rf source/{name}/* && cp -a '{UpstreamOf(name)}/.' source/{name}/";
        await Get<CreateRepository>().RunAsync(RepositoryName.Parse(name), new(command ?? copy, sourceFolder, delay, allowEmpty, null), trust: [], also: null, Cancellation);
        if (sync)
        {
            await SyncAsync(name);
        }
    }

    /// <summary>Asks for a sync and runs it.</summary>
    public async Task<Job> SyncAsync(string name)
    {
        var id = await Get<JobQueue>().EnqueueAsync(JobKinds.SyncOf(RepositoryName.Parse(name)), Cancellation);
        await RunJobsAsync();
        return (await Get<JobQueue>().FindAsync(id, Cancellation))!;
    }

    public async Task RunJobsAsync()
    {
        await Get<Worker>().RunDueAsync(Cancellation);
        await SettleAsync();
    }

    /// <summary>Waits until the service has taken in what changed.</summary>
    public async Task SettleAsync()
    {
        await Get<ChangeFeed>().LookAsync(Cancellation);
        await Get<DeliveryLoop>().FollowClockAsync(Cancellation);
        await Get<CurrentDeliveryMap>().RefreshAsync(Cancellation);
    }

    /// <summary>Lets time pass, hour by hour, with the schedule and the jobs that come due.</summary>
    public async Task PassAsync(int days = 0, int hours = 0)
    {
        for (var hour = 0; hour < (24 * days) + hours; hour++)
        {
            Clock.Advance(TimeSpan.FromHours(1));
            await Get<Scheduler>().TickAsync(Cancellation);
            Clock.Advance(TimeSpan.Zero);
            await Get<Worker>().RunDueAsync(Cancellation);
        }

        await SettleAsync();
    }

    public async Task<List<string>> SnapshotsAsync(string name)
    {
        var repository = await Get<RepositoryCatalog>().GetAsync(RepositoryName.Parse(name), Cancellation);
        return [.. (await Get<SnapshotCatalog>().ListAsync(repository, Cancellation)).Select(s => s.Instant.ToString())];
    }

    public HttpClient Client(string? id = Machine, string secret = Secret)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Address };
        if (id is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{id}:{secret}")));
        }

        return client;
    }

    /// <summary>The content at a path of a repository, as an entitled machine gets it; null for 404.</summary>
    public async Task<string?> ReadAsync(string repository, string path)
    {
        using var client = Client();
        using var answer = await client.GetAsync($"/repository/enterprise/{repository}/{path}", Cancellation);
        return answer.StatusCode == System.Net.HttpStatusCode.NotFound ? null : await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        var failed = ExpectsFailures || _app is null ? [] : (await Get<JobQueue>().ListAsync(null, 100, CancellationToken.None)).FindAll(job => job.Error is not null);
        await StopServiceAsync();
        if (_host is not null)
        {
            return;
        }

        await Licences.DisposeAsync();
        _database.Dispose();
        _folder.Dispose();
        failed.Should().BeEmpty("no job fails unless the story says so");
    }

    private async Task StartServiceAsync()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(_settings.Append(new("urls", _urls))).Build();
        var settings = new SettingsReader(configuration).Read();
        _app = await RunService.BuildAsync(settings, new(Web: true, Worker: false, Scheduler: false), false, Clock, logging => logging.AddProvider(Log), Cancellation);
        await Get<Scheduler>().TickAsync(Cancellation);
        await _app.StartAsync(Cancellation);
    }

    private async Task StopServiceAsync()
    {
        if (_app is { } app)
        {
            _app = null;
            await app.StopAsync(CancellationToken.None);
            await app.DisposeAsync();
        }
    }
}
