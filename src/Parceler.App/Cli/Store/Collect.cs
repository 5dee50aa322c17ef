using System.CommandLine;
using Parceler.Releases;

namespace Parceler.App.Cli;

internal sealed class Collect : CliCommand
{
    private readonly Option<bool> _wait = Inputs.Wait("collection");

    public Collect(CliContext context)
        : base(context, "gc", "Drops snapshots that nobody needs any more, and deletes what no snapshot names", "parceler gc --wait") => Add(_wait);

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var services = await Context.OpenAsync(cancellation);
        return await new QueuedJobs(Context, services).RunAsync([JobKinds.CollectGarbage()], parsed.GetValue(_wait), cancellation);
    }
}
