using System.Text.RegularExpressions;
using Parceler.Repositories;
using Parceler.Snapshots;

namespace Parceler.Imports;

/// <summary>A row of the table <c>repositories</c> of the program that Parceler replaces.</summary>
/// <param name="SubDir">The part of its source that is the repository; null or empty for all of it.</param>
/// <param name="Freeze">The folder that it serves while frozen, below <c>snapshots/NAME</c>.</param>
internal sealed record LaravelRepository(string Name, string Command, string? SubDir, long Delay, string? Freeze)
{
    /// <summary>As Parceler has them.</summary>
    /// <exception cref="InvalidSettingException"/>
    public RepositorySettings Settings(bool sourceOnDisk) =>
        new RepositorySettings(AdaptedCommand, SubDir ?? "", (int)Math.Clamp(Delay, int.MinValue, int.MaxValue), AllowEmpty: false, TimeLimit: null) { SourceOnDisk = sourceOnDisk }.Checked();

    /// <summary>The command, where it wrote below the disk of that program, to <c>source/NAME</c> as Parceler has it.</summary>
    public string AdaptedCommand =>
        Regex.Replace(Command, @"(?<![\w.~/-])(/var/www/html/|\./)?storage/app/(private/)?source/" + Regex.Escape(Name) + @"(?![\w-])", $"source/{Name}", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    /// <summary>Whether the command says where Parceler looks for what it brings.</summary>
    public bool NamesItsSource => AdaptedCommand.Contains($"source/{Name}", StringComparison.Ordinal) || AdaptedCommand.Contains("PARCELER_SOURCE", StringComparison.Ordinal);

    /// <summary>The freeze without the folder that it is below anyway; null when there is none.</summary>
    public string? FrozenFolder
    {
        get
        {
            var folder = Freeze?.Trim().Trim('/') ?? "";
            var below = $"snapshots/{Name}/";
            folder = folder.StartsWith(below, StringComparison.Ordinal) ? folder[below.Length..] : folder;
            return folder.Length == 0 ? null : folder;
        }
    }

    /// <summary>
    /// The folder that the replaced program serves: the frozen one, there or not; else the oldest that is not older than the delay. Null: every
    /// machine gets 404.
    /// </summary>
    public string? Served(IEnumerable<string> folders, DateTimeOffset now)
    {
        if (FrozenFolder is { } frozen)
        {
            return folders.Contains(frozen, StringComparer.Ordinal) ? frozen : null;
        }

        var inWindow =
            from folder in folders
            let instant = SnapshotInstant.TryParse(folder, null, out var parsed) ? parsed : (SnapshotInstant?)null
            where instant is not null && instant.Value.Time <= now && instant.Value.Time >= now.AddDays(-Math.Clamp(Delay, 0, RepositorySettings.MaxDelayDays))
            orderby instant.Value
            select folder;
        return inWindow.FirstOrDefault();
    }
}
