namespace Parceler.Delivery;

/// <summary>
/// How much of a file that is still being fetched can be read. The last byte is held back until the whole is proven: who reads along
/// never has a complete file that is not genuine.
/// </summary>
internal sealed class Arrival(long size)
{
    private readonly Lock _gate = new();
    private List<TaskCompletionSource> _waiting = [];
    private long _readable;
    private Exception? _failure;

    public bool IsWhole => Volatile.Read(ref _readable) == size;

    /// <summary>So many bytes have come.</summary>
    public void Came(long bytes) => Wake(Change(() => _readable = Math.Min(bytes, size - 1)));

    /// <summary>All have come, and are what they should be.</summary>
    public void Proven() => End(() => _readable = size);

    public void Fail(Exception failure) => End(() => _failure = failure);

    /// <summary>How many bytes can be read, as soon as there are more than <paramref name="offset"/>.</summary>
    /// <exception cref="IOException">No more will come.</exception>
    /// <exception cref="BrokenBlobException">What comes is something else.</exception>
    public async ValueTask<long> MoreThanAsync(long offset)
    {
        while (true)
        {
            Task news;
            lock (_gate)
            {
                if (_readable > offset)
                {
                    return _readable;
                }

                if (_failure is { } failure)
                {
                    throw failure is BrokenBlobException ? failure : new IOException(failure.Message, failure);
                }

                news = Wait();
            }

            await news;
        }
    }

    // Most fetches have one reader: it goes on where the bytes came in, which saves a switch of threads for each part. Further ones
    // go on beside it.
    private Task Wait()
    {
        var waiter = new TaskCompletionSource(_waiting.Count == 0 ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Add(waiter);
        return waiter.Task;
    }

    // What comes after the end of a request is none of the fetch's business.
    private void End(Action change) => ThreadPool.QueueUserWorkItem(static waiting => Wake(waiting), Change(change), preferLocal: true);

    private List<TaskCompletionSource> Change(Action change)
    {
        lock (_gate)
        {
            change();
            var waiting = _waiting;
            _waiting = [];
            return waiting;
        }
    }

    private static void Wake(List<TaskCompletionSource> waiting)
    {
        for (var i = waiting.Count - 1; i >= 0; i--)
        {
            waiting[i].SetResult();
        }
    }
}
