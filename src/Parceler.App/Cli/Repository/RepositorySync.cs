using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.App.Answers;
using Parceler.Jobs;
using Parceler.Releases;
using Parceler.Repositories;

namespace Parceler.App.Cli;

internal sealed class RepositorySync : CliCommand
{
    private readonly Argument<RepositoryName[]> _names = Inputs.Names();
    private readonly Option<bool> _wait = Inputs.Wait("syncs");
    private readonly Option<bool> _acceptRollback =
        new("--accept-rollback") { Description = "Upstream went back to an older state on purpose: let this one sync take it" };


    public RepositorySync(CliContext context)
        : base(context, "sync", "Asks for a sync of repositories now", "parceler repository sync nethsecurity --wait")
    {
        Add(_names);
        Add(_wait);
        Add(_acceptRollback);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var services = await Context.OpenAsync(cancellation);
        var names = parsed.GetRequiredValue(_names).Distinct().ToList();
        var repositories = services.GetRequiredService<RepositoryCatalog>();
        foreach (var name in names)
        {
            await repositories.GetAsync(name, cancellation); // all of them exist, or none is queued
        }

        if (parsed.GetValue(_acceptRollback))
        {
            foreach (var name in names)
            {
                await services.GetRequiredService<AcceptRollback>().RunAsync(name, cancellation);
            }
        }

        return await new QueuedJobs(Context, services).RunAsync([.. names.Select(JobKinds.SyncOf)], parsed.GetValue(_wait), cancellation);
    }
}
