using Parceler.Upstreams.Mirrors;

namespace Parceler.Snapshots;

/// <summary>Where the files of one sync come from: the folder that a command filled, or an upstream that is mirrored.</summary>
internal abstract class SnapshotSource : IDisposable
{
    public abstract long NewBlobs { get; }

    public abstract long NewBytes { get; }

    /// <summary>The files, sorted by path, each with its blob in the store.</summary>
    public abstract Task<List<SnapshotFile>> TakeAsync(CancellationToken cancellation);

    /// <summary>Makes the next take bring in again those files whose blobs are gone or damaged in the store.</summary>
    public abstract void Reread(IEnumerable<string> paths);

    public abstract void Dispose();
}

/// <summary>The source folder of a command.</summary>
internal sealed class FolderSource(SourceIntake intake) : SnapshotSource
{
    public override long NewBlobs => intake.NewBlobs;

    public override long NewBytes => intake.NewBytes;

    public override Task<List<SnapshotFile>> TakeAsync(CancellationToken cancellation) => Task.Run(() => intake.Run(cancellation), cancellation);

    public override void Reread(IEnumerable<string> paths) => intake.Reread(paths);

    public override void Dispose() => intake.Dispose();
}

/// <summary>An upstream that is mirrored without a command.</summary>
internal sealed class MirrorSource(MirrorSync mirror, TimeSpan? limit, TimeProvider clock) : SnapshotSource
{
    public override long NewBlobs => mirror.NewBlobs;

    public override long NewBytes => mirror.NewBytes;

    // It blocks its thread: one of its own, none of the web server's.
    public override async Task<List<SnapshotFile>> TakeAsync(CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(limit is { TotalDays: < 49 } time ? time : Timeout.InfiniteTimeSpan, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        try
        {
            var files = await Task.Factory.StartNew(() => mirror.Take(stop.Token), stop.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            return files.ConvertAll(file => new SnapshotFile(file.Path, file.Digest, file.Size, file.ModifiedUnixSeconds));
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new MirrorException($"it was ended at its time limit of {limit}");
        }
    }

    public override void Reread(IEnumerable<string> paths) => mirror.Forget(paths);

    public override void Dispose() => mirror.Dispose();
}
