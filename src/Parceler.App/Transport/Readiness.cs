using System.Threading.Tasks.Sources;

namespace Parceler.App.Transport;

/// <summary>
/// Tells one waiter that a socket may be ready. A signal while nobody waits is kept for the next one, so none is lost; a waiter looks again
/// for itself, so one too many does no harm.
/// </summary>
internal sealed class Readiness : IValueTaskSource
{
    private const int Idle = 0;
    private const int Ready = 1;
    private const int Waiting = 2;
    private ManualResetValueTaskSourceCore<bool> _source;
    private int _state;

    /// <summary>Whether a signal is kept; it is used up by this look.</summary>
    public bool TryTake() => Volatile.Read(ref _state) == Ready && Interlocked.CompareExchange(ref _state, Idle, Ready) == Ready;

    /// <summary>Waits for the next signal. The waiter goes on on the thread that signals, or on another one.</summary>
    public ValueTask WaitAsync(bool onOtherThread)
    {
        _source.Reset();
        _source.RunContinuationsAsynchronously = onOtherThread;
        return Interlocked.CompareExchange(ref _state, Waiting, Idle) == Idle || !TryTake() ? new(this, _source.Version) : ValueTask.CompletedTask;
    }

    /// <param name="onOtherThread">For a caller that may hold locks: the waiter never goes on within the call.</param>
    public void Signal(bool onOtherThread = false)
    {
        while (true)
        {
            var state = Volatile.Read(ref _state);
            var next = state == Waiting ? Idle : Ready;
            if (Interlocked.CompareExchange(ref _state, next, state) == state)
            {
                if (state == Waiting)
                {
                    _source.RunContinuationsAsynchronously |= onOtherThread;
                    _source.SetResult(true);
                }

                return;
            }
        }
    }

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
