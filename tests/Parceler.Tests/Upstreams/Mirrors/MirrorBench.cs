using Parceler.Database;
using Parceler.Feeds;
using Parceler.Repositories;
using Parceler.Storage;
using Parceler.Tests.Support;
using Parceler.Upstreams.Mirrors;

namespace Parceler.Tests.Upstreams.Mirrors;

/// <summary>A blob store and an upstream on a port of its own, and syncs of the one into the other.</summary>
internal sealed class MirrorBench : IAsyncDisposable
{
    private static readonly DateTime s_old = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private readonly TempFolder _folder = new();
    private readonly string _upstreamFolder;
    private int _writes;

    private MirrorBench(string? upstreamFolder)
    {
        _upstreamFolder = upstreamFolder ?? _folder["upstream"];
        Directory.CreateDirectory(_upstreamFolder);
        var work = new WorkFolder(_folder["storage"]);
        Blobs = new(new SqliteDb(_folder["storage/database.sqlite"]), new LocalDisk(work), work, TimeProvider.System);
    }

    public LocalBlobs Blobs { get; }
    public FaultyUpstream Upstream { get; private set; } = null!;
    public List<string> Lines { get; } = [];
    public FetchOptions Options { get; set; } = new() { FirstWait = TimeSpan.FromMilliseconds(1), Silence = TimeSpan.FromSeconds(5) };
    public GateMode Gate { get; set; }
    public List<TrustedKeyFile> Trust { get; } = [];
    public string MemoryFile => _folder["memory"];

    /// <summary>Of the last sync.</summary>
    public long NewBytes { get; private set; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<MirrorBench> StartAsync(string? upstreamFolder = null)
    {
        var bench = new MirrorBench(upstreamFolder);
        bench.Upstream = await FaultyUpstream.StartAsync(bench._upstreamFolder);
        return bench;
    }

    /// <summary>Writes a file of upstream, each later than the one before, and all long ago.</summary>
    public void Write(string path, string content) => Write(path, System.Text.Encoding.UTF8.GetBytes(content));

    public void Write(string path, byte[] content)
    {
        var file = Path.Combine(_upstreamFolder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, content);
        File.SetLastWriteTimeUtc(file, s_old.AddMinutes(++_writes));
    }

    public string PathOf(string path) => Path.Combine(_upstreamFolder, path);

    public void Delete(string path) => File.Delete(Path.Combine(_upstreamFolder, path));

    public MirrorSettings Settings(MirrorKind kind, string path = "/") => new(kind, Upstream.Address + path, [], [], []);

    public Task<Dictionary<string, MirroredFile>> SyncAsync(MirrorKind kind, string path = "/") => SyncAsync(Settings(kind, path));

    /// <summary>One sync; the files by path, each of which is whole in the store.</summary>
    public async Task<Dictionary<string, MirroredFile>> SyncAsync(MirrorSettings settings, CancellationToken cancellation = default)
    {
        using var sync = new MirrorUpstream(Blobs, Options, TimeProvider.System).Open(new(settings.Checked(), Trust, Gate, MemoryFile, new(FeedReader.Default, 100_000), Lines.Add, (_, _, _) => { }));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, Cancellation);
        var files = await Task.Run(() => sync.Take(stop.Token), stop.Token);
        NewBytes = sync.NewBytes;
        files.Select(file => file.Path).Should().BeInAscendingOrder(StringComparer.Ordinal).And.OnlyHaveUniqueItems();
        foreach (var file in files)
        {
            Digest.Of(await File.ReadAllBytesAsync(Blobs.LocalPathOf(file.Digest), Cancellation)).Should().Be(file.Digest, file.Path);
            Blobs.Has(file.Digest, file.Size).Should().BeTrue();
        }

        return files.ToDictionary(file => file.Path, StringComparer.Ordinal);
    }

    public async Task<string> FailsAsync(MirrorSettings settings) => (await FluentActions.Awaiting(() => SyncAsync(settings)).Should().ThrowAsync<MirrorException>()).Which.Message;

    public string Read(MirroredFile file) => File.ReadAllText(Blobs.LocalPathOf(file.Digest));

    public async ValueTask DisposeAsync()
    {
        await Upstream.DisposeAsync();
        _folder.Dispose();
    }
}
