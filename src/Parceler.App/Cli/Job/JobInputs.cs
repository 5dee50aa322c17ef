using System.CommandLine;
using Parceler.Jobs;
using Parceler.Repositories;

namespace Parceler.App.Cli;

/// <summary>What the commands on one job share.</summary>
internal static class JobInputs
{
    public static Argument<long> Id() => new("ID") { Description = "Number of the job", CustomParser = result => Inputs.Number(1)(result) ?? 0 };

    /// <exception cref="RefusedException">There is no such job.</exception>
    public static async Task<Job> GetAsync(JobQueue queue, long id, CancellationToken cancellation) =>
        await queue.FindAsync(id, cancellation) ?? throw new RefusedException($"There is no job {id}. See the last ones with: parceler job list");
}
