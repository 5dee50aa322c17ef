using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;

namespace Parceler.App.Transport;

/// <summary>
/// What the client sends, received when the web server asks for it. A connection on which nothing comes holds no memory for it.
/// </summary>
internal sealed class ConnectionReader(Connection connection) : PipeReader
{
    private const int LeastBuffer = 4096;
    private const int ReadInARow = 32; // then the others of this thread get their turn
    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private ReadOnlySequence<byte> _given;
    private bool _isExamined = true; // all that is there was looked at and is not enough
    private bool _isCompleted;
    private bool _isReading;
    private int _inARow;
    private int _isCancelled;

    /// <summary>Nothing more is there until the next signal.</summary>
    public bool IsDrained { get; private set; }

    public override bool TryRead(out ReadResult result)
    {
        var isCancelled = Interlocked.Exchange(ref _isCancelled, 0) != 0;
        result = isCancelled || !_isExamined || _isCompleted ? Give(isCancelled) : default;
        return isCancelled || !_isExamined || _isCompleted;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (TryRead(out var result))
        {
            return new(result);
        }

        if (++_inARow <= ReadInARow && TryReceive() is { } error)
        {
            return error == 0 ? new(Give(isCancelled: false)) : ValueTask.FromException<ReadResult>(Reset(error));
        }

        return ReceiveAsync(cancellationToken);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _isExamined = _given.GetOffset(examined) - _given.GetOffset(_given.Start) >= _end - _start;
        _start += (int)(_given.GetOffset(consumed) - _given.GetOffset(_given.Start));
        _given = default;
        if (_start == _end)
        {
            (_start, _end) = (0, 0);
        }
    }

    public override void CancelPendingRead()
    {
        Volatile.Write(ref _isCancelled, 1);
        connection.ToRead.Signal(onOtherThread: true);
    }

    public override void Complete(Exception? exception = null)
    {
        if (!_isReading)
        {
            GiveBack();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReceiveAsync(CancellationToken cancellation)
    {
        using var registration = cancellation.UnsafeRegister(static reader => ((ConnectionReader)reader!).CancelPendingRead(), this);
        _isReading = true;
        if (_inARow > ReadInARow)
        {
            await Http.ReceivingThread.Leave();
        }

        _inARow = 0;
        while (true)
        {
            if (Interlocked.Exchange(ref _isCancelled, 0) != 0)
            {
                _isReading = false;
                cancellation.ThrowIfCancellationRequested();
                return Give(isCancelled: true);
            }

            if (TryReceive() is { } error)
            {
                _isReading = false;
                return error == 0 ? Give(isCancelled: false) : throw Reset(error);
            }

            connection.Register();
            await connection.ToRead.WaitAsync(onOtherThread: false);
            IsDrained = false;
        }
    }

    /// <returns>Null when nothing is there; the error, or 0.</returns>
    private int? TryReceive()
    {
        if (IsDrained && !connection.ToRead.TryTake())
        {
            return null;
        }

        MakeRoom();
        var count = connection.Socket.Receive(_buffer.AsSpan(_end));
        IsDrained = count < _buffer.Length - _end && !connection.HasEnded;
        if (count > 0)
        {
            _end += count;
            _isExamined = false;
            return 0;
        }

        if (count is -LibC.TryAgain or -LibC.Interrupted)
        {
            GiveBackIfEmpty();
            return null;
        }

        _isCompleted = count == 0;
        IsDrained |= _isCompleted;
        return -count;
    }

    private ReadResult Give(bool isCancelled)
    {
        _given = new(_buffer, _start, _end - _start);
        return new(_given, isCancelled, _isCompleted);
    }

    private ConnectionResetException Reset(int error)
    {
        connection.Break();
        return new($"The client is gone (error {error})");
    }

    private void MakeRoom()
    {
        if (_end < _buffer.Length)
        {
            return;
        }

        var held = _buffer.AsSpan(_start, _end - _start);
        var larger = _start > _buffer.Length / 2 ? _buffer : ArrayPool<byte>.Shared.Rent(Math.Max(LeastBuffer, 2 * _buffer.Length));
        held.CopyTo(larger);
        if (larger != _buffer)
        {
            GiveBack();
            _buffer = larger;
        }

        (_start, _end) = (0, held.Length);
    }

    private void GiveBackIfEmpty()
    {
        if (_start == _end)
        {
            GiveBack();
        }
    }

    private void GiveBack()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
            (_start, _end) = (0, 0);
        }
    }
}
