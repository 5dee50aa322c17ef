using Parceler.Imports;

namespace Parceler.App.Cli;

/// <summary>Prints what an import did, for people: a line for each folder, then what each repository serves.</summary>
internal sealed class ImportSummary(CliContext context)
{
    public void Print(ImportReport report, ImportChoice choice)
    {
        var listing = new Listing("Repository", "Folder", "State", "Files", "Size", "New", "Why");
        foreach (var repository in report.Repositories)
        {
            foreach (var snapshot in repository.Snapshots)
            {
                listing.Add(repository.Name, snapshot.Folder, WordsOf(snapshot.State), $"{snapshot.Files}", Listing.Size(context, snapshot.Bytes), Listing.Size(context, snapshot.NewBytes), snapshot.Reason);
            }
        }

        listing.Print(context);
        foreach (var repository in report.Repositories)
        {
            Print(repository);
        }

        report.Remarks.ToList().ForEach(remark => context.Note($"warning: {remark}"));
        End(report, choice);
    }

    private void Print(ImportedRepository repository)
    {
        if (repository.State == ImportState.LeftOut)
        {
            context.Note($"{repository.Name} was left out: {repository.Reason}");
            return;
        }

        context.Say($"{repository.Name}: serves {repository.ServedHere?.ToString() ?? "nothing"} ({repository.ServedReason}); there: {repository.ServedThere ?? "nothing, 404"}{(repository.ServesTheSame ? "" : " - not the same")}");
        var remarks = repository.Remarks.Concat(repository.Snapshots.SelectMany(snapshot => snapshot.Remarks.Select(remark => $"{snapshot.Folder}: {remark}")));
        remarks.ToList().ForEach(remark => context.Note($"warning: {repository.Name}: {remark}"));
    }

    private void End(ImportReport report, ImportChoice choice)
    {
        var all = report.Repositories.SelectMany(repository => repository.Snapshots).ToList();
        int Count(ImportState state) => all.Count(snapshot => snapshot.State == state);
        context.Say(
            choice.DryRun
                ? $"{Count(ImportState.Would)} snapshots would be taken over, {Count(ImportState.There)} are here already"
                : $"{Count(ImportState.Taken)} snapshots were taken over, {Count(ImportState.There)} were here already; {all.Sum(snapshot => snapshot.NewBytes)} bytes are new"
        );
        if (!report.IsWhole)
        {
            context.Note(
                $"Left out: {report.Repositories.Count(repository => repository.State == ImportState.LeftOut)} repositories, {Count(ImportState.LeftOut)} snapshots. "
                    + "Run it again for them when what stands above is mended; damaged ones come in with --include-damaged"
            );
        }
    }

    private static string WordsOf(ImportState state) =>
        state switch
        {
            ImportState.Taken => "taken over",
            ImportState.There => "here already",
            ImportState.Would => "would be taken over",
            ImportState.PassedOver => "passed over",
            _ => "left out",
        };
}
