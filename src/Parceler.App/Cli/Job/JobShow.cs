using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Parceler.App.Answers;
using Parceler.Jobs;

namespace Parceler.App.Cli;

internal sealed class JobShow : CliCommand
{
    private readonly Argument<long> _id = JobInputs.Id();
    private readonly Option<bool> _json = Inputs.Json();

    public JobShow(CliContext context)
        : base(context, "show", "Shows a job with the log of all its tries", "parceler job show 12")
    {
        Add(_id);
        Add(_json);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var services = await Context.OpenAsync(cancellation);
        var queue = services.GetRequiredService<JobQueue>();
        var job = await services.GetRequiredService<ChangeJob>().GetAsync(parsed.GetValue(_id), cancellation);
        var log = await queue.LogAsync(job.Id, after: 0, cancellation);
        if (parsed.GetValue(_json))
        {
            Context.Say(JsonSerializer.Serialize(JobEntry.Of(job, log), CliJson.Printed.JobEntry));
            return ExitCodes.Done;
        }

        ToListing(job).Print(Context);
        log.ForEach(line => Context.Out.WriteLine($"{Listing.Time(line.At)} try {line.Try}: {line.Text}"));
        return ExitCodes.Done;
    }

    private static Listing ToListing(Job job)
    {
        var listing = new Listing("What", "Value");
        listing.Add("Job", $"{job.Id}");
        listing.Add("Kind", job.Kind);
        listing.Add("Repository", job.Subject);
        listing.Add("State", JobWords.State(job));
        listing.Add("Tries", $"{job.Tries} of {job.MaxTries}");
        listing.Add("Queued", Listing.Time(job.QueuedAt));
        listing.Add("Next try", job.State == JobState.Waiting ? Listing.Time(job.NotBefore) : null);
        listing.Add("Started", Listing.Time(job.StartedAt));
        listing.Add("Finished", Listing.Time(job.FinishedAt));
        listing.Add("Progress", job is { State: JobState.Running, Progress: { } p } ? $"{p.What} {p.Done}/{p.Total}" : null);
        listing.Add("Result", JobWords.Outcome(job));
        return listing;
    }
}
