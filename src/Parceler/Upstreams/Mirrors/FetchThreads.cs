using System.Runtime.ExceptionServices;
using Parceler.Storage;

namespace Parceler.Upstreams.Mirrors;

/// <summary>The same work on many files, several at a time, on threads of its own: they wait for upstream most of the time.</summary>
internal sealed class FetchThreads(BlobIntake intake, int most)
{
    /// <summary>Does the work for each number below <paramref name="count"/>; the first failure ends it, and is thrown as it is.</summary>
    public void Run(int count, Action<int, BlobWriter, CancellationToken> work, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var next = -1;
        Exception? failure = null;
        var threads = Enumerable.Range(0, Math.Min(most, count)).Select(_ => new Thread(Work) { IsBackground = true, Name = "mirror" }).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        cancellation.ThrowIfCancellationRequested();
        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        void Work()
        {
            try
            {
                using var writer = intake.OpenWriter();
                while (!stop.IsCancellationRequested && Interlocked.Increment(ref next) is var number && number < count)
                {
                    work(number, writer, stop.Token);
                }
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref failure, e, null);
                stop.Cancel();
            }
        }
    }
}
