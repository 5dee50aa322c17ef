namespace Parceler.App.Answers;

/// <summary>A file in a listing.</summary>
/// <param name="Sha256">Known of files in snapshots only: those of a source may change at any time.</param>
internal sealed record FileEntry(string Path, long Size, string? Sha256);
