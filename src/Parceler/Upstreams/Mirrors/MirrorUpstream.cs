using Parceler.Repositories;
using Parceler.Storage;

namespace Parceler.Upstreams.Mirrors;

/// <summary>Brings upstreams in without a command: straight into the blob store, by the indexes of their format.</summary>
internal sealed class MirrorUpstream(BlobStore blobs, FetchOptions options, TimeProvider clock)
{
    private readonly HostPlaces _places = new(options);

    public MirrorSync Open(MirrorRequest request) => new(request, blobs, _places, options, clock);
}

/// <summary>One sync of a mirror. What it downloads stays in the store, also when it fails.</summary>
internal sealed class MirrorSync : IDisposable
{
    private readonly MirrorRequest _request;
    private readonly FetchOptions _options;
    private readonly TimeProvider _clock;
    private readonly BlobIntake _intake;
    private readonly MirrorRun _run;
    private readonly string _settings;
    private Dictionary<string, KnownCopy>? _memory;

    public MirrorSync(MirrorRequest request, BlobStore blobs, HostPlaces places, FetchOptions options, TimeProvider clock)
    {
        _request = request;
        _options = options;
        _clock = clock;
        _settings = KeyOf(request);
        _intake = blobs.OpenIntake();
        _run = new(request, _intake, places, options, clock);
    }

    public long NewBlobs => _intake.NewBlobs;

    public long NewBytes => _intake.NewBytes;

    private Dictionary<string, KnownCopy> Memory => _memory ??= MirrorMemory.Load(_request.MemoryFile, _settings);

    /// <summary>The files of upstream, sorted by path, each with its blob in the store.</summary>
    /// <exception cref="MirrorException"/>
    public List<MirroredFile> Take(CancellationToken cancellation)
    {
        using var abort = cancellation.Register(_run.Abort);
        for (var takes = 1; ; takes++)
        {
            try
            {
                var files = TakeOnce(cancellation);
                Garbage.GiveBack(files.Count);
                return files;
            }
            catch (UnsettledException e) when (takes < _options.Takes)
            {
                _request.Line($"{e.Message}: upstream is read again");
                _intake.Commit(cancellation);
                Task.Delay(FetchWaits.After(takes + 2, null, _options, Random.Shared.NextDouble()), _clock, cancellation).GetAwaiter().GetResult();
            }
            catch (UnsettledException e)
            {
                throw new UnsettledException($"{e.Message}; upstream was read {takes} times. Does somebody write to it?", e);
            }
        }
    }

    /// <summary>Forgets files whose blobs are gone or damaged in the store: they are downloaded again.</summary>
    public void Forget(IEnumerable<string> paths)
    {
        var owners = paths.Select(path => Memory.TryGetValue(path, out var copy) ? copy.Owner : "").ToHashSet(StringComparer.Ordinal);
        foreach (var path in Memory.Where(file => owners.Contains(file.Value.Owner)).Select(file => file.Key).ToList())
        {
            _intake.Forget(Memory[path].Digest);
            Memory.Remove(path); // with its whole feed: only one that is not known any more is looked through
        }
    }

    public void Dispose()
    {
        _run.Dispose();
        _intake.Dispose();
    }

    private List<MirroredFile> TakeOnce(CancellationToken cancellation)
    {
        MirrorTree tree;
        try
        {
            tree = new MirrorTake(_run, Memory).Run(cancellation);
        }
        finally
        {
            if (!cancellation.IsCancellationRequested)
            {
                _intake.Commit(cancellation);
            }
        }

        Garbage.GiveBack(tree.Copies.Count);
        Remember(tree.Copies);
        _memory = null; // there may be a hundred thousand files, and what follows is none of its business
        return tree.ToFiles();
    }

    // Nothing is written when nothing has changed.
    private void Remember(Dictionary<string, KnownCopy> copies)
    {
        foreach (var (path, copy) in copies.Where(file => file.Value.IsHead && _run.IsIncomplete(file.Value.Owner)).ToList())
        {
            copies[path] = copy with { IsHead = false };
        }

        if (copies.Count == Memory.Count && copies.All(file => Memory.TryGetValue(file.Key, out var known) && known == file.Value))
        {
            return;
        }

        MirrorMemory.Save(_request.MemoryFile, _settings, copies);
    }

    // Other settings, other keys: nothing of what was seen before counts.
    private static string KeyOf(MirrorRequest request) =>
        string.Join('\n', [
            request.Settings.Kind.ToString(),
            new UpstreamAddress(request.Settings).Root.AbsoluteUri,
            string.Join(' ', request.Settings.Suites),
            string.Join(' ', request.Settings.Components),
            string.Join(' ', request.Settings.Architectures),
            request.Gate.ToString(),
            string.Join(' ', request.Trust.Select(key => key.Fingerprint)),
        ]);
}
