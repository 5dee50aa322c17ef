namespace Parceler.App.Answers;

/// <summary>A snapshot that will be served, as <c>repository preview --json</c> prints it.</summary>
/// <param name="From">Since when, or from when; null for what is served now.</param>
/// <param name="Packages">What changes for machines then.</param>
/// <param name="Files">How many files that belong to no feed change then.</param>
internal sealed record PreviewEntry(DateTimeOffset? From, string? Snapshot, string Reason, IReadOnlyList<DiffEntry> Packages, int Files);
