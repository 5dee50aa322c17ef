using Parceler.Jobs;
using Parceler.Repositories;

namespace Parceler.App.Answers;

/// <summary>Takes jobs out of the queue, and puts them there again.</summary>
internal sealed class ChangeJob(JobQueue queue)
{
    /// <exception cref="AbsentException">There is no such job.</exception>
    public async Task<Job> GetAsync(long id, CancellationToken cancellation) =>
        await queue.FindAsync(id, cancellation) ?? throw new AbsentException($"There is no job {id}. See the last ones with: parceler job list");

    /// <returns>The job as it was.</returns>
    /// <exception cref="RefusedException">It is over.</exception>
    public async Task<Job> CancelAsync(long id, CancellationToken cancellation)
    {
        var job = await GetAsync(id, cancellation);
        return await queue.CancelAsync(id, cancellation) ? job : throw new RefusedException($"Job {id} is over already: {JobWords.State(job)}");
    }

    /// <exception cref="RefusedException">It neither failed nor was cancelled.</exception>
    public async Task RetryAsync(long id, CancellationToken cancellation)
    {
        var job = await GetAsync(id, cancellation);
        if (!await queue.RetryAsync(id, cancellation))
        {
            throw new RefusedException($"Job {id} is {JobWords.State(job)}: only one that failed or was cancelled is queued again");
        }
    }
}
