namespace Parceler.App.Answers;

/// <summary>A key as <c>repository trust list --json</c> prints it.</summary>
internal sealed record TrustedKeyEntry(string Name, string Kind, IReadOnlyList<string> Fingerprints);
