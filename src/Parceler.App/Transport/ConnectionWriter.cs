using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Parceler.App.Transport;

/// <summary>
/// What the web server sends. A flush sends on the calling thread and ends when the system has taken everything: nothing piles up here, and
/// whoever writes waits for a slow reader.
/// </summary>
internal sealed class ConnectionWriter(Connection connection) : PipeWriter
{
    private const int LeastBuffer = 4096;
    private readonly SendQueue _queue = new(connection.Socket);
    private byte[]? _buffer;
    private int _written; // in the buffer
    private long _unflushed;
    private Piece _borrowed; // what the next bytes that are advanced are
    private int _isCancelled;
    private bool _isBroken;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _unflushed;

    /// <summary>Whether the peer has to read before more can be sent.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>All bytes that the system took.</summary>
    public long Sent => _queue.Sent;

    /// <summary>Takes the piece as the next bytes, if the body is written here as it is: the server may encrypt, frame or copy it on the way.</summary>
    public bool TryAdd(PipeWriter body, Piece piece)
    {
        if (piece.Count is 0 or > Window.Size)
        {
            return false;
        }

        _borrowed = piece;
        try
        {
            if (Window.Is(body.GetMemory(1)))
            {
                body.Advance(piece.Count);
                return true;
            }

            return false;
        }
        finally
        {
            _borrowed = default;
        }
    }

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_borrowed.Count > 0)
        {
            return Window.Whole;
        }

        if (_buffer is null || _buffer.Length - _written < Math.Max(1, sizeHint))
        {
            QueueBuffer();
            _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(LeastBuffer, sizeHint));
        }

        return _buffer.AsMemory(_written);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        if (_borrowed.Count > 0)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(bytes, _borrowed.Count);
            QueueBuffer();
            _queue.Add(_borrowed);
            _borrowed = default;
        }
        else
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)bytes, (uint)((_buffer?.Length ?? 0) - _written), nameof(bytes));
            _written += bytes;
        }

        _unflushed += bytes;
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        QueueBuffer();
        _unflushed = 0;
        return TrySend() ? new(new FlushResult(isCanceled: false, _isBroken)) : SendRestAsync(cancellationToken);
    }

    public override void CancelPendingFlush()
    {
        Volatile.Write(ref _isCancelled, 1);
        connection.ToWrite.Signal(onOtherThread: true);
    }

    public override void Complete(Exception? exception = null)
    {
        if (IsWaiting)
        {
            return; // the flush that still waits ends with the connection
        }

        QueueBuffer();
        TrySend();
        _queue.Clear();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<FlushResult> SendRestAsync(CancellationToken cancellation)
    {
        var registration = cancellation.UnsafeRegister(static writer => ((ConnectionWriter)writer!).CancelPendingFlush(), this);
        IsWaiting = true;
        try
        {
            do
            {
                await connection.ToWrite.WaitAsync(onOtherThread: _queue.NeedsDisk);
                if (Interlocked.Exchange(ref _isCancelled, 0) != 0)
                {
                    cancellation.ThrowIfCancellationRequested();
                    return new(isCanceled: true, isCompleted: false);
                }
            } while (!TrySend());
        }
        finally
        {
            IsWaiting = false;
            await registration.DisposeAsync();
            _isCancelled = 0;
        }

        return new(isCanceled: false, _isBroken);
    }

    /// <returns>False when the peer has to read first.</returns>
    private bool TrySend()
    {
        var state = _isBroken ? SendState.Broken : _queue.TrySend();
        if (state == SendState.MustWait)
        {
            connection.RegisterWriting();
            return false;
        }

        if (state == SendState.Broken)
        {
            _isBroken = true;
            _queue.Clear();
            connection.Break();
        }

        return true;
    }

    private void QueueBuffer()
    {
        if (_buffer is not null && _written > 0)
        {
            _queue.Add(new(_buffer, _written));
            (_buffer, _written) = (null, 0);
        }
    }
}
