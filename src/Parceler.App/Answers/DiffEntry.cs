using System.Text.Json.Serialization;
using Parceler.Feeds;
using Parceler.Snapshots;

namespace Parceler.App.Answers;

/// <summary>A path or a package that differs between two snapshots, with its sizes; absent on the side where there is none.</summary>
/// <param name="Change">Of a file <c>added</c>, <c>removed</c> or <c>changed</c>; of a package <c>upgraded</c>, <c>downgraded</c> and <c>rebuilt</c> (the same version with other bytes), too.</param>
internal sealed record DiffEntry(string Change, string Path, long? SizeBefore, long? SizeAfter)
{
    /// <summary>Absent for a file.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Package { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Architecture { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Before { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? After { get; init; }

    /// <summary>Whether machines get a security fix with it, where the format tells.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Security { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Format { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Feed { get; init; }

    public static DiffEntry Of(FileChange change) =>
        new(change.Before is null ? "added" : change.After is null ? "removed" : "changed", change.Path, change.Before?.Size, change.After?.Size);

    public static DiffEntry Of(PackageChange change) =>
        new(change.Kind.ToString().ToLowerInvariant(), (change.After ?? change.Before)!.Path, change.Before?.Size, change.After?.Size)
        {
            Package = change.Name,
            Architecture = change.Architecture,
            Before = change.Before?.Version,
            After = change.After?.Version,
            Security = change.IsSecurity,
            Format = change.Feed.Format.ToWord(),
            Feed = change.Feed.Name,
        };
}
