namespace Parceler.Delivery;

/// <summary>
/// How much of a file that is still being fetched can be read. The last byte is held back until the whole is proven: who reads along
/// never has a complete file that is not genuine.
/// </summary>
internal sealed class Arrival(long size)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _news = NewSource();
    private long _readable;
    private Exception? _failure;

    public bool IsWhole => Volatile.Read(ref _readable) == size;

    /// <summary>So many bytes have come.</summary>
    public void Came(long bytes) => Tell(() => _readable = Math.Min(bytes, size - 1));

    /// <summary>All have come, and are what they should be.</summary>
    public void Proven() => Tell(() => _readable = size);

    public void Fail(Exception failure) => Tell(() => _failure = failure);

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

                news = _news.Task;
            }

            await news;
        }
    }

    private void Tell(Action change)
    {
        TaskCompletionSource told;
        lock (_gate)
        {
            change();
            (told, _news) = (_news, NewSource());
        }

        told.SetResult();
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
