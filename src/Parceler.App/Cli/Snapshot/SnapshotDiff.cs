using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.App.Answers;
using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Snapshots;

namespace Parceler.App.Cli;

internal sealed class SnapshotDiff : CliCommand
{
    private const long Room = 192L << 20; // what comparing 100,000 packages needs; beyond it memory is collected as ever
    private readonly Argument<RepositoryName> _name = Inputs.Name();
    private readonly Argument<string[]> _snapshots = new("SNAPSHOT") { Description = "Two snapshots, A and B, by their instants or the beginnings of them", Arity = new(0, 2) };
    private readonly Option<bool> _served = new("--served") { Description = "A is the served snapshot" };
    private readonly Option<bool> _newest = new("--newest") { Description = "B is the newest snapshot" };
    private readonly Option<bool> _files = new("--files") { Description = "All files, those of packages too, instead of packages" };
    private readonly Option<bool> _json = Inputs.Json();

    public SnapshotDiff(CliContext context)
        : base(
            context,
            "diff",
            "Lists the packages that B adds, removes, upgrades, downgrades or has with other bytes, and other files that it adds (+), removes (-) or changes (~)",
            "parceler snapshot diff nethsecurity 2026-11-22 2026-11-23"
        )
    {
        Add(_name);
        Add(_snapshots);
        Add(_served);
        Add(_newest);
        Add(_files);
        Add(_json);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        Context.Reserve(Room); // a collection in between takes a quarter of the time, and the end of the process is near
        await using var services = await Context.OpenAsync(cancellation);
        var reading = services.GetRequiredService<ReadSnapshots>();
        var listed = await reading.ListAsync(parsed.GetRequiredValue(_name), cancellation);
        var name = listed.Repository.Name;
        var (a, b) = Choose(parsed, listed);
        var (before, after) = await reading.OpenAsync(name, a, b, cancellation);
        if (parsed.GetValue(_files))
        {
            await PrintAsync([], FileChange.Between(before.Files, after.Files).Select(DiffEntry.Of), parsed.GetValue(_json), cancellation);
            return ExitCodes.Done;
        }

        var changes = new CompareSnapshots(before, after).Run(cancellation);
        changes.Warn(name, Context.Warn);
        await PrintAsync([.. changes.Packages.Select(DiffEntry.Of)], changes.Files.Select(DiffEntry.Of), parsed.GetValue(_json), cancellation);
        return ExitCodes.Done;
    }

    private (SnapshotInstant A, SnapshotInstant B) Choose(ParseResult parsed, ListedSnapshots listed)
    {
        var words = new Queue<string>(parsed.GetValue(_snapshots) ?? []);
        var (served, newest) = (parsed.GetValue(_served), parsed.GetValue(_newest));
        if (words.Count + (served ? 1 : 0) + (newest ? 1 : 0) != 2)
        {
            throw new UsageException("Two snapshots are compared: name A and B, or say --served for A, --newest for B");
        }

        var a = listed.Find(served ? ListedSnapshots.Served : words.Dequeue());
        return (a, listed.Find(newest ? ListedSnapshots.Newest : words.Dequeue()));
    }

    private async Task PrintAsync(List<DiffEntry> packages, IEnumerable<DiffEntry> files, bool asJson, CancellationToken cancellation)
    {
        if (asJson)
        {
            await Listing.PrintJsonAsync(Context, packages.Concat(files), CliJson.Printed.DiffEntry, cancellation);
            return;
        }

        var listing = new Listing("Change", "Package", "Architecture", "Before", "After", "Size before", "Size after", "Security", "Feed");
        packages.ForEach(entry => listing.Add(entry.ToCells(Context)));
        listing.Print(Context);
        foreach (var entry in files)
        {
            var sign = entry.Change switch { "added" => '+', "removed" => '-', _ => '~' };
            await Context.Out.WriteLineAsync($"{sign} {entry.Path}");
        }
    }
}
