using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.Releases;
using Parceler.Repositories;

namespace Parceler.App.Cli;

internal sealed class RepositoryRelease : CliCommand
{
    private readonly Argument<RepositoryName> _name = Inputs.Name();
    private readonly Option<bool> _wait = Inputs.Wait("release");
    private readonly Option<bool> _now = Inputs.Now();

    public RepositoryRelease(CliContext context)
        : base(
            context,
            "release",
            "Syncs now and serves the result at once, without the delay; lifts a freeze",
            "parceler repository release nethsecurity --wait"
        )
    {
        Add(_name);
        Add(_wait);
        Add(_now);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var name = parsed.GetRequiredValue(_name);
        await using var services = await Context.OpenAsync(cancellation);
        await services.GetRequiredService<RepositoryCatalog>().GetAsync(name, cancellation);
        return await new QueuedJobs(Context, services).RunAsync([JobKinds.ReleaseOf(name, parsed.GetValue(_now))], parsed.GetValue(_wait), cancellation);
    }
}
