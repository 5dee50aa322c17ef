using Parceler.Imports;

namespace Parceler.App.Cli;

/// <summary>A folder as <c>import laravel --json</c> prints it. State: taken, there, would, passedOver, leftOut.</summary>
internal sealed record ImportedSnapshotEntry(string Folder, string? Instant, string State, long Files, long Bytes, long NewBytes, string? Reason, IReadOnlyList<string> Remarks)
{
    public static ImportedSnapshotEntry Of(ImportedSnapshot snapshot) =>
        new(snapshot.Folder, snapshot.Instant?.ToString(), ImportEntry.WordOf(snapshot.State), snapshot.Files, snapshot.Bytes, snapshot.NewBytes, snapshot.Reason, snapshot.Remarks);
}

/// <summary>What machines get from the replaced program, and what from Parceler.</summary>
internal sealed record ImportedServingEntry(string? There, string? Here, string? Reason, bool Same);

/// <summary>A repository as <c>import laravel --json</c> prints it.</summary>
internal sealed record ImportedRepositoryEntry(string Name, string State, string? Reason, ImportedServingEntry Served, IReadOnlyList<string> Remarks, List<ImportedSnapshotEntry> Snapshots)
{
    public static ImportedRepositoryEntry Of(ImportedRepository repository) =>
        new(
            repository.Name,
            ImportEntry.WordOf(repository.State),
            repository.Reason,
            new(repository.ServedThere, repository.ServedHere?.ToString(), repository.ServedReason, repository.ServesTheSame),
            repository.Remarks,
            [.. repository.Snapshots.Select(ImportedSnapshotEntry.Of)]
        );
}

/// <summary>An import as <c>import laravel --json</c> prints it.</summary>
internal sealed record ImportEntry(bool DryRun, bool Whole, List<ImportedRepositoryEntry> Repositories, IReadOnlyList<string> Remarks)
{
    public static ImportEntry Of(ImportReport report, ImportChoice choice) =>
        new(choice.DryRun, report.IsWhole, [.. report.Repositories.Select(ImportedRepositoryEntry.Of)], report.Remarks);

    public static string WordOf(ImportState state) =>
        state switch
        {
            ImportState.Taken => "taken",
            ImportState.There => "there",
            ImportState.Would => "would",
            ImportState.PassedOver => "passedOver",
            _ => "leftOut",
        };
}
