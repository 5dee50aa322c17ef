using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.App.Answers;
using Parceler.Jobs;
using Parceler.Repositories;

namespace Parceler.App.Cli;

internal sealed class JobCancel : CliCommand
{
    private readonly Argument<long> _id = JobInputs.Id();

    public JobCancel(CliContext context)
        : base(context, "cancel", "Takes a waiting job out of the queue, or ends a running one", "parceler job cancel 12") => Add(_id);

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var services = await Context.OpenAsync(cancellation);
        var job = await services.GetRequiredService<ChangeJob>().CancelAsync(parsed.GetValue(_id), cancellation);
        Context.Say(job.State == JobState.Running ? $"Job {job.Id} was asked to end" : $"Job {job.Id} was cancelled");
        return ExitCodes.Done;
    }
}
