using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.App.Answers;
using Parceler.Jobs;
using Parceler.Repositories;

namespace Parceler.App.Cli;

internal sealed class JobList : CliCommand
{
    private const int UsualLimit = 50;

    private readonly Option<RepositoryName?> _repository = new("--repository")
    {
        HelpName = "NAME",
        Description = "Only jobs on this repository",
        CustomParser = Inputs.OneOrNone<RepositoryName>,
    };

    private readonly Option<int?> _limit = new("--limit") { HelpName = "N", Description = $"How many at most; {UsualLimit} by default", CustomParser = Inputs.Number(1) };
    private readonly Option<bool> _json = Inputs.Json();

    public JobList(CliContext context)
        : base(context, "list", "Lists the newest jobs, newest first: number, kind, repository, state, tries, times, result or error", "parceler job list --repository nethsecurity")
    {
        Add(_repository);
        Add(_limit);
        Add(_json);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var services = await Context.OpenAsync(cancellation);
        var queue = services.GetRequiredService<JobQueue>();
        var jobs = await queue.ListAsync(parsed.GetValue(_repository)?.ToString(), parsed.GetValue(_limit) ?? UsualLimit, cancellation);
        if (parsed.GetValue(_json))
        {
            await Listing.PrintJsonAsync(Context, jobs.Select(job => JobEntry.Of(job, log: null)), CliJson.Printed.JobEntry, cancellation);
            return ExitCodes.Done;
        }

        var listing = new Listing("Job", "Kind", "Repository", "State", "Tries", "Queued", "Finished", "Result");
        foreach (var job in jobs)
        {
            var (queued, finished) = (Listing.Time(job.QueuedAt), Listing.Time(job.FinishedAt));
            listing.Add($"{job.Id}", job.Kind, job.Subject, JobWords.State(job), $"{job.Tries}", queued, finished, JobWords.Outcome(job));
        }

        listing.Print(Context);
        return ExitCodes.Done;
    }
}
