using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.App.Answers;
using Parceler.Releases;
using Parceler.Repositories;

namespace Parceler.App.Cli;

internal sealed class SnapshotDelete : CliCommand
{
    private readonly Argument<RepositoryName> _name = Inputs.Name();

    private readonly Argument<string[]> _snapshots = new("SNAPSHOT")
    {
        Description = "Snapshots, each by its instant or the beginning of it",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<bool> _now = Inputs.Now();

    public SnapshotDelete(CliContext context)
        : base(context, "delete", "Deletes snapshots: machines get the next one by the rules", "parceler snapshot delete nethsecurity 2026-11-23T00:00:10+00:00")
    {
        Add(_name);
        Add(_snapshots);
        Add(_now);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var name = parsed.GetRequiredValue(_name);
        await using var services = await Context.OpenAsync(cancellation);
        var (deleted, served) = await services.GetRequiredService<DeleteSnapshots>().RunAsync(name, parsed.GetRequiredValue(_snapshots), parsed.GetValue(_now), cancellation);
        deleted.ForEach(instant => Context.Say($"Snapshot {instant} of '{name}' was deleted"));
        Context.Say($"Now {served.InWords}");
        served.Warn(name, Context.Warn);
        return ExitCodes.Done;
    }
}
