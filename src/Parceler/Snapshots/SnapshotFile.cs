using Parceler.Storage;

namespace Parceler.Snapshots;

/// <summary>One line of a manifest: a path, the digest and size in bytes of its content, and its modification time upstream.</summary>
internal readonly record struct SnapshotFile(string Path, Digest Digest, long Size, long ModifiedUnixSeconds)
{
    public DateTimeOffset ModifiedAt => DateTimeOffset.FromUnixTimeSeconds(ModifiedUnixSeconds);
}
