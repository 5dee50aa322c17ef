namespace Parceler.Snapshots;

/// <summary>A manifest that can't be trusted: its snapshot is never served.</summary>
internal sealed class CorruptManifestException(string key, string reason, Exception? cause = null)
    : Exception($"The manifest {key} is damaged: {reason}. Restore it from a backup, or delete the file.", cause)
{
    public string Key => key;
}
