namespace Parceler.Storage;

/// <summary>
/// Takes contents in whose bytes come bit by bit, one after the other: <see cref="Took"/> what was put into <see cref="Space"/>, then
/// <see cref="Finish"/>, then <see cref="Keep"/>; or <see cref="Restart"/> at any time. Large ones go to the disk while they come.
/// </summary>
internal sealed class BlobWriter(BlobIntake intake) : IDisposable
{
    private readonly IntakeBuffer _buffer = intake.TakeBuffer();
    private StagedFile? _file;
    private string? _path;
    private int _filled; // of the buffer
    private Digest _digest;

    /// <summary>Bytes of the content until now.</summary>
    public long Size { get; private set; }

    /// <summary>Where the next bytes go; never empty.</summary>
    public Span<byte> Space => _buffer.After(_filled);

    /// <summary>Takes the first <paramref name="count"/> bytes of <see cref="Space"/>.</summary>
    public void Took(int count)
    {
        _buffer.Hash(_filled, count);
        _filled += count;
        Size += count;
        if (_filled == IntakeBuffer.Size)
        {
            Flush();
        }
    }

    /// <summary>The content is whole: its digest. Nothing is kept yet.</summary>
    public Digest Finish() => _digest = _buffer.TakeDigest();

    /// <summary>Stages the content that was finished, unless the store has it.</summary>
    public void Keep()
    {
        if (intake.Has(_digest, Size))
        {
            Drop();
        }
        else
        {
            Stage();
        }

        Begin();
    }

    /// <summary>Forgets what came, and begins the next content.</summary>
    public void Restart()
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
        (_file, _path, _filled, Size) = (null, null, 0, 0);
    }
}
