using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.Jobs;
using Parceler.Repositories;

namespace Parceler.App.Cli;

internal sealed class JobRetry : CliCommand
{
    private readonly Argument<long> _id = JobInputs.Id();

    public JobRetry(CliContext context)
        : base(context, "retry", "Queues a job again that has failed or was cancelled", "parceler job retry 12") => Add(_id);

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var services = await Context.OpenAsync(cancellation);
        var queue = services.GetRequiredService<JobQueue>();
        var job = await JobInputs.GetAsync(queue, parsed.GetValue(_id), cancellation);
        if (!await queue.RetryAsync(job.Id, cancellation))
        {
            throw new RefusedException($"Job {job.Id} is {JobWords.State(job)}: only one that failed or was cancelled is queued again");
        }

        Context.Say($"Job {job.Id} is queued again. To see it: parceler job show {job.Id}");
        await WorkerHint.GiveAsync(Context, services, cancellation);
        return ExitCodes.Done;
    }
}
