using Parceler.Feeds;
using Parceler.Repositories;
using Parceler.Storage;

namespace Parceler.Upstreams.Mirrors;

/// <summary>What a sync of a mirror is told.</summary>
/// <param name="MemoryFile">Where it keeps what it knows of the last one.</param>
/// <param name="Feeds">Keeps what is read of indexes.</param>
/// <param name="Line">Takes lines for the job's log.</param>
/// <param name="Progress">Is told what is done, how far, and of how much.</param>
internal sealed record MirrorRequest(
    MirrorSettings Settings,
    IReadOnlyList<TrustedKeyFile> Trust,
    GateMode Gate,
    string MemoryFile,
    FeedCache Feeds,
    Action<string> Line,
    Action<string, long, long> Progress
);

/// <summary>What all parts of one sync of a mirror use.</summary>
internal sealed class MirrorRun : IDisposable
{
    private readonly HostPlaces _places;
    private readonly TimeProvider _clock;
    private readonly UpstreamClient _client;
    private readonly Lock _keeping = new();
    private readonly HashSet<string> _incomplete = new(StringComparer.Ordinal);
    private long _kept;
    private int _unkept; // files

    public MirrorRun(MirrorRequest request, BlobIntake intake, HostPlaces places, FetchOptions options, TimeProvider clock)
    {
        Request = request;
        Intake = intake;
        Options = options;
        Address = new(request.Settings);
        Threads = new(intake, options.Connections);
        _places = places;
        _clock = clock;
        _client = new(Address, options);
        _kept = clock.GetTimestamp();
    }

    public MirrorRequest Request { get; }

    public BlobIntake Intake { get; }

    public FetchOptions Options { get; }

    public UpstreamAddress Address { get; }

    public FetchThreads Threads { get; }

    /// <summary>Unix seconds.</summary>
    public long Now => _clock.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>With which signatures have to fit; none where they are not looked at.</summary>
    public IReadOnlyList<TrustedKey> Keys => field ??= Request.Gate == GateMode.Off ? [] : [.. Request.Trust.Select(TrustedKey.Parse)];

    public bool IsStrict => Request.Gate == GateMode.Strict;

    public DownloadResult Ask(WantedFile wanted, ContentSink sink, CancellationToken cancellation) =>
        new Download(_client, _places, wanted, sink, Options, _clock).Run(cancellation);

    public void Progress(string what, long done, long total) => Request.Progress(what, done, total);

    /// <summary>Makes what has come so far durable, now and then. Asked after each file.</summary>
    public void KeepNowAndThen(CancellationToken cancellation)
    {
        var isMuch = Interlocked.Increment(ref _unkept) >= Options.KeepFiles;
        if ((isMuch || _clock.GetElapsedTime(Interlocked.Read(ref _kept)) >= Options.KeepEvery) && _keeping.TryEnter())
        {
            try
            {
                Interlocked.Exchange(ref _unkept, 0);
                Intake.Commit(cancellation);
                Interlocked.Exchange(ref _kept, _clock.GetTimestamp());
            }
            finally
            {
                _keeping.Exit();
            }
        }
    }

    public KnownCopy CopyOf(DownloadResult.Taken taken, string? note, string owner, bool isHead)
    {
        var version = taken.Version;
        return version.IsNone
            ? new(taken.Digest, taken.Size, Now, "", note, owner, isHead)
            : new(taken.Digest, taken.Size, version.Modified == 0 ? Now : version.Modified, version.Tag, note, owner, isHead);
    }

    /// <summary>A file is not there, or not what it has to be: strictly, the tree can't be taken as it is; else it is left out.</summary>
    public void Miss(TreeFile file, string reason)
    {
        var fault = file.Owner.Length == 0 ? $"'{file.Path}': {reason}" : $"'{file.Path}', named by '{file.Owner}': {reason}";
        if (IsStrict)
        {
            throw new UnsettledException(fault);
        }

        lock (_incomplete)
        {
            _incomplete.Add(file.Owner);
        }

        Request.Line($"warning: {fault}; it is left out");
    }

    /// <summary>Whether files of that feed were left out: next time it is looked through, though it has not changed.</summary>
    public bool IsIncomplete(string owner) => _incomplete.Contains(owner);

    /// <summary>Whether a content has a hash of another kind than its digest.</summary>
    public bool HasHash(Digest digest, FeedHash hash)
    {
        using var content = Intake.OpenRead(digest);
        try
        {
            return FileHash.Fits(content, hash);
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>Ends all transfers at once.</summary>
    public void Abort() => _client.Abort();

    public void Dispose() => _client.Dispose();
}
