namespace Parceler.Storage;

/// <summary>
/// Takes contents in whose bytes come bit by bit, one after the other: <see cref="Took"/> what was put into <see cref="Space"/>, then
/// <see cref="Finish"/>, then <see cref="Keep"/>; or <see cref="Restart"/> at any time.
/// </summary>
internal abstract class ContentSink
{
    /// <summary>Bytes of the content until now.</summary>
    public abstract long Size { get; }

    /// <summary>Where the next bytes go; never empty.</summary>
    public abstract Span<byte> Space { get; }

    /// <summary>Takes the first <paramref name="count"/> bytes of <see cref="Space"/>.</summary>
    public abstract void Took(int count);

    /// <summary>The content is whole: its digest. Nothing is kept yet.</summary>
    public abstract Digest Finish();

    /// <summary>Keeps the content that was finished.</summary>
    public abstract void Keep();

    /// <summary>Forgets what came, and begins the next content.</summary>
    public abstract void Restart();
}

/// <summary>Stages contents to become blobs, unless the store has them. Large ones go to the disk while they come.</summary>
internal sealed class BlobWriter(BlobIntake intake) : ContentSink, IDisposable
{
    private readonly IntakeBuffer _buffer = intake.TakeBuffer();
    private StagedFile? _file;
    private string? _path;
    private int _filled; // of the buffer
    private Digest _digest;
    private long _size;

    public override long Size => _size;

    public override Span<byte> Space => _buffer.After(_filled);

    public override void Took(int count)
    {
        _buffer.Hash(_filled, count);
        _filled += count;
        _size += count;
        if (_filled == IntakeBuffer.Size)
        {
            Flush();
        }
    }

    public override Digest Finish() => _digest = _buffer.TakeDigest();

    public override void Keep()
    {
        if (intake.IsNeedless(_digest, Size))
        {
            Drop();
        }
        else
        {
            Stage();
        }

        Begin();
    }

    public override void Restart()
    {
        _ = _buffer.TakeDigest();
        Drop();
        Begin();
    }

    public void Dispose()
    {
        Restart();
        intake.GiveBack(_buffer);
    }

    private void Stage()
    {
        if (_file is null)
        {
            _path = intake.NextPath();
            using var small = Posix.Create(_path);
            RandomAccess.Write(small, _buffer.Span[.._filled], 0);
        }
        else if (_filled > 0)
        {
            Flush();
        }

        _file?.Dispose();
        intake.Keep(_digest, _path!, Size);
    }

    private void Flush()
    {
        _path ??= intake.NextPath();
        _file ??= new(_path);
        _file.Write(_buffer, _filled);
        _filled = 0;
    }

    private void Drop()
    {
        _file?.Dispose();
        if (_path is not null)
        {
            File.Delete(_path);
        }
    }

    private void Begin()
    {
        (_file, _path, _filled, _size) = (null, null, 0, 0);
    }
}
