using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.Repositories;
using Parceler.Snapshots;

namespace Parceler.App.Cli;

/// <summary>One path that differs between two snapshots, with its sizes; absent on the side where there is no such file.</summary>
/// <param name="Change"><c>added</c>, <c>removed</c> or <c>changed</c>.</param>
internal sealed record DiffEntry(string Change, string Path, long? SizeBefore, long? SizeAfter)
{
    /// <summary>Walks both lists at once: each is sorted by path, ordinal.</summary>
    public static IEnumerable<DiffEntry> Between(IReadOnlyList<SnapshotFile> before, IReadOnlyList<SnapshotFile> after)
    {
        var (b, a) = (0, 0);
        while (b < before.Count || a < after.Count)
        {
            var order = b == before.Count ? 1 : a == after.Count ? -1 : string.CompareOrdinal(before[b].Path, after[a].Path);
            if (order < 0)
            {
                yield return new("removed", before[b].Path, before[b++].Size, null);
            }
            else if (order > 0)
            {
                yield return new("added", after[a].Path, null, after[a++].Size);
            }
            else
            {
                if (before[b].Digest != after[a].Digest)
                {
                    yield return new("changed", before[b].Path, before[b].Size, after[a].Size);
                }

                (b, a) = (b + 1, a + 1);
            }
        }
    }
}

internal sealed class SnapshotDiff : CliCommand
{
    private readonly Argument<RepositoryName> _name = Inputs.Name();
    private readonly Argument<string> _before = new("A") { Description = "A snapshot, by its instant or the beginning of it" };
    private readonly Argument<string> _after = new("B") { Description = "Another one" };
    private readonly Option<bool> _json = Inputs.Json();

    public SnapshotDiff(CliContext context)
        : base(context, "diff", "Lists the files that B adds (+), removes (-) and changes (~)", "parceler snapshot diff nethsecurity 2026-11-22 2026-11-23")
    {
        Add(_name);
        Add(_before);
        Add(_after);
        Add(_json);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var services = await Context.OpenAsync(cancellation);
        var repository = await services.GetRequiredService<RepositoryCatalog>().GetAsync(parsed.GetRequiredValue(_name), cancellation);
        var known = (await services.GetRequiredService<SnapshotCatalog>().ListAsync(repository, cancellation)).ConvertAll(s => s.Instant);
        var manifests = services.GetRequiredService<ManifestStore>();
        var before = await FilesAsync(manifests, repository.Name, SnapshotName.Find(repository.Name, parsed.GetRequiredValue(_before), known), cancellation);
        var after = await FilesAsync(manifests, repository.Name, SnapshotName.Find(repository.Name, parsed.GetRequiredValue(_after), known), cancellation);
        await PrintAsync(DiffEntry.Between(before, after), parsed.GetValue(_json), cancellation);
        return ExitCodes.Done;
    }

    private async Task PrintAsync(IEnumerable<DiffEntry> entries, bool asJson, CancellationToken cancellation)
    {
        if (asJson)
        {
            await Listing.PrintJsonAsync(Context, entries, CliJson.Printed.DiffEntry, cancellation);
            return;
        }

        foreach (var entry in entries)
        {
            var sign = entry.Change switch { "added" => '+', "removed" => '-', _ => '~' };
            await Context.Out.WriteLineAsync($"{sign} {entry.Path}");
        }
    }

    private static async Task<IReadOnlyList<SnapshotFile>> FilesAsync(ManifestStore manifests, RepositoryName name, SnapshotInstant instant, CancellationToken cancellation) =>
        (await manifests.ReadAsync(name.ToString(), instant, cancellation))?.Files
        ?? throw new RefusedException($"The manifest of snapshot {instant} of '{name}' is gone from the storage");
}
