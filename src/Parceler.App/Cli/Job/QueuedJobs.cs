using Microsoft.Extensions.DependencyInjection;
using Parceler.App.Answers;
using Parceler.Jobs;

namespace Parceler.App.Cli;

/// <summary>Queues jobs that a command asks for, and follows them if it is told to wait.</summary>
internal sealed class QueuedJobs(CliContext context, IServiceProvider services)
{
    private readonly JobQueue _queue = services.GetRequiredService<JobQueue>();

    /// <returns>The exit status.</returns>
    public async Task<int> RunAsync(IReadOnlyList<JobRequest> requests, bool wait, CancellationToken cancellation)
    {
        var ids = new List<long>();
        foreach (var request in requests)
        {
            ids.Add(await _queue.EnqueueAsync(request, cancellation));
        }

        if (!wait)
        {
            Tell(requests, ids);
        }

        await WorkerHint.GiveAsync(context, services, cancellation);
        return !wait || await FollowAsync(ids, cancellation) ? ExitCodes.Done : ExitCodes.Failed;
    }

    private async Task<bool> FollowAsync(List<long> ids, CancellationToken cancellation)
    {
        try
        {
            return await new FollowedJobs(context, _queue).RunAsync(ids, cancellation);
        }
        catch (OperationCanceledException)
        {
            context.Note($"No longer followed; it goes on all the same. To see it: parceler job show {ids[0]}. To end it: parceler job cancel {ids[0]}");
            throw;
        }
    }

    private void Tell(IReadOnlyList<JobRequest> requests, List<long> ids)
    {
        for (var i = 0; i < ids.Count; i++)
        {
            context.Say($"{JobWords.What(requests[i].Kind, requests[i].Subject)} is queued as job {ids[i]}. To see it: parceler job show {ids[i]}");
        }
    }
}
