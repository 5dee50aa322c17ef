namespace Parceler.Storage;

/// <summary>Every key of a storage disk, in one place; docs/storage-format.md describes what stands under each.</summary>
internal static class StorageKeys
{
    public const string Identity = "parceler.json";
    public const string Machines = "machines.json";
    public const string Blobs = "blobs/";
    public const string Snapshots = "snapshots/";
    public const string Grace = "grace/";
    public const string Repositories = "repositories/";
    public const string ManifestEnding = ".manifest";

    /// <summary>Whether a path on the disk belongs to Parceler alone: no folder of files to list or to serve.</summary>
    public static bool IsInternal(string path) => path.Split('/')[0] is "blobs" or "repositories" or "grace" or "staging" or "work";

    public static string Blob(Digest digest)
    {
        var hex = digest.ToString();
        return string.Concat("blobs/", hex.AsSpan(0, 2), "/", hex);
    }

    public static string SnapshotsOf(string repository) => $"snapshots/{repository}/";

    public static string Manifest(string repository, string instant) => $"snapshots/{repository}/{instant}{ManifestEnding}";

    public static string GraceOf(string repository) => $"grace/{repository}/";

    public static string GraceManifest(string repository, string instant) => $"grace/{repository}/{instant}{ManifestEnding}";

    public static string Source(string repository) => $"source/{repository}";

    public static string Repository(string name) => $"repositories/{name}.json";
}
