using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.App.Answers;
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
        var id = parsed.GetValue(_id);
        await services.GetRequiredService<ChangeJob>().RetryAsync(id, cancellation);
        Context.Say($"Job {id} is queued again. To see it: parceler job show {id}");
        await WorkerHint.GiveAsync(Context, services, cancellation);
        return ExitCodes.Done;
    }
}
