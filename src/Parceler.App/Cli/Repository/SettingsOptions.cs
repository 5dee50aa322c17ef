using System.CommandLine;
using Parceler.App.Answers;
using Parceler.Repositories;
using Parceler.Storage;

namespace Parceler.App.Cli;

/// <summary>The options that <c>repository create</c> and <c>repository edit</c> share.</summary>
internal sealed class SettingsOptions
{
    public Option<string?> Command { get; } =
        new("--command") { HelpName = "CMD", Description = "Shell command that fills the folder source/NAME" };

    public Option<string?> SourceFolder { get; } =
        new("--source-folder") { HelpName = "FOLDER", Description = "The part of source/NAME that is the repository; all of it by default" };

    public Option<string?> Source { get; } =
        new("--source") { HelpName = "WHERE", Description = "Where the command writes: folder (source/NAME of this machine, the default), or disk (source/NAME in the bucket, by its own means)" };

    public Option<int?> Delay { get; } =
        new("--delay") { HelpName = "DAYS", Description = $"How many days it is held back from upstream; {RepositorySettings.DefaultDelayDays} by default", CustomParser = Inputs.Number(0, RepositorySettings.MaxDelayDays) };

    public Option<bool?> AllowEmpty { get; } = new("--allow-empty") { Description = "Make a snapshot also of a tree without any file" };

    public Option<int?> TimeLimit { get; } =
        new("--time-limit") { HelpName = "SECONDS", Description = "End the command after this time; 0 for no limit, the default", CustomParser = Inputs.Number(0) };

    public Option<string?> Gate { get; } =
        new("--gate") { HelpName = "MODE", Description = "What becomes of a tree whose package indexes and files do not agree: strict (no snapshot, the default), warn, or off" };

    public MirrorOptions Mirror { get; } = new();

    public Option<bool> Sync { get; } = new("--sync") { Description = "Sync at once" };

    public Option<bool> NoSync { get; } = new("--no-sync") { Description = "Wait for the daily sync" };

    /// <summary>For a command that syncs unless it is told not to.</summary>
    public void AddWithNoSyncTo(Command command)
    {
        AddTo(command);
        command.Add(NoSync);
        command.Validators.Add(result =>
        {
            if (result.GetValue(Sync) && result.GetValue(NoSync))
            {
                result.AddError("--sync and --no-sync exclude each other");
            }
        });
    }

    public void AddTo(Command command)
    {
        command.Add(Command);
        command.Add(SourceFolder);
        command.Add(Source.AcceptOnlyFromAmong("folder", "disk"));
        command.Add(Delay);
        command.Add(AllowEmpty);
        command.Add(TimeLimit);
        command.Add(Gate.AcceptOnlyFromAmong(GateWords.All));
        Mirror.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(Command) is not null && result.GetValue(Mirror.Upstream) is { Length: > 0 })
            {
                result.AddError("--command and --upstream exclude each other");
            }
        });
        command.Add(Sync);
    }

    /// <summary>The settings with what was given changed.</summary>
    public RepositorySettings Apply(ParseResult parsed, RepositorySettings to)
    {
        var mirror = Mirror.Apply(parsed, parsed.GetValue(Command) is null ? to.Mirror : null);
        return new(
            parsed.GetValue(Command) ?? (mirror is null ? to.Command : ""),
            parsed.GetValue(SourceFolder) ?? (mirror is null || to.Mirror is not null ? to.SourceFolder : ""),
            parsed.GetValue(Delay) ?? to.DelayDays,
            parsed.GetValue(AllowEmpty) ?? to.AllowEmpty,
            parsed.GetValue(TimeLimit) is { } seconds ? Limit(seconds) : to.TimeLimit
        )
        {
            Mirror = mirror,
            SourceOnDisk = parsed.GetValue(Source) is { } source ? source == "disk" : mirror is null && to.SourceOnDisk,
            Gate = parsed.GetValue(Gate) is { } gate ? GateWords.Parse(gate) : to.Gate,
        };
    }

    /// <summary>Whether anything of a repository is to be changed.</summary>
    public bool AnyGiven(ParseResult parsed) =>
        parsed.GetValue(Command) is not null
        || parsed.GetValue(SourceFolder) is not null
        || parsed.GetValue(Source) is not null
        || parsed.GetValue(Delay) is not null
        || parsed.GetValue(AllowEmpty) is not null
        || parsed.GetValue(TimeLimit) is not null
        || parsed.GetValue(Gate) is not null
        || Mirror.AnyGiven(parsed);

    /// <exception cref="RefusedException">The source is to be on a disk that commands reach as a folder anyway.</exception>
    public void RefuseWithout(StorageDisk disk, ParseResult parsed)
    {
        if (parsed.GetValue(Source) == "disk")
        {
            SourceOnDisk.RefuseWithout(disk);
        }
    }

    private static TimeSpan? Limit(int seconds) => seconds == 0 ? null : TimeSpan.FromSeconds(seconds);
}
