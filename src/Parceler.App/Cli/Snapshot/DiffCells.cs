using Parceler.App.Answers;

namespace Parceler.App.Cli;

internal static class DiffCells
{
    /// <summary>Change, package, architecture, versions, sizes, security, feed.</summary>
    public static string?[] ToCells(this DiffEntry entry, CliContext context) =>
        [
            entry.Change, entry.Package, entry.Architecture, entry.Before, entry.After,
            entry.SizeBefore is { } before ? Listing.Size(context, before) : null, entry.SizeAfter is { } after ? Listing.Size(context, after) : null,
            entry.Security == true ? "security" : null, $"{entry.Format} {entry.Feed}",
        ];
}
