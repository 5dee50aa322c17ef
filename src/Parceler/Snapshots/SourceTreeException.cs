namespace Parceler.Snapshots;

/// <summary>The source can't become a snapshot as it is; the message names the path and the reason.</summary>
internal sealed class SourceTreeException(string message) : Exception(message);
