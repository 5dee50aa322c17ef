using System.Security.Cryptography;
using System.Text;
using Parceler.Storage;

namespace Parceler.Snapshots;

/// <summary>First line of a manifest: which snapshot it is, how it was made, and what the lines must add up to.</summary>
/// <param name="NewBytes">Bytes of the blobs that this snapshot was the first to bring.</param>
/// <param name="Previous">The newest snapshot when this one was made, since deleted or not: tells a gap in the syncs.</param>
/// <param name="Pinned">Made from a folder for a freeze: never a candidate to be served otherwise.</param>
/// <param name="MadeBy">What made it: <c>sync</c>, <c>release</c>, <c>freeze FOLDER</c>.</param>
internal sealed record ManifestHeader(
    string Repository,
    string RepositoryId,
    SnapshotInstant Instant,
    long Files,
    long Bytes,
    long NewBytes,
    Digest Tree,
    SnapshotInstant? Previous,
    bool Pinned,
    string MadeBy
)
{
    public IReadOnlyList<SnapshotFeed> Feeds { get; init; } = [];

    /// <summary>What the gate found wrong and let through, since the repository says so.</summary>
    public IReadOnlyList<string> LetThrough { get; init; } = [];
}

/// <summary>One immutable state of a repository: what each path held. Files are sorted by path, ordinal.</summary>
internal sealed record Manifest(ManifestHeader Header, IReadOnlyList<SnapshotFile> Files)
{
    /// <summary>SHA-256 over path, NUL, digest, newline of each file in order: equal trees have equal digests.</summary>
    public static Digest TreeDigest(IReadOnlyList<SnapshotFile> files)
    {
        using var hash = new TreeHash();
        foreach (var file in files)
        {
            hash.Add(file);
        }

        return hash.End();
    }
}

/// <summary>Takes the digest of a tree while its files come.</summary>
internal sealed class TreeHash : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _path = new byte[3 * 4096];

    public void Add(SnapshotFile file)
    {
        Span<byte> hex = stackalloc byte[2 * Digest.Size];
        _hash.AppendData(_path, 0, Encoding.UTF8.GetBytes(file.Path, _path));
        _hash.AppendData([0]);
        Convert.TryToHexStringLower(file.Digest.AsSpan(), hex, out _);
        _hash.AppendData(hex);
        _hash.AppendData([(byte)'\n']);
    }

    public Digest End() => new(_hash.GetHashAndReset());

    public void Dispose() => _hash.Dispose();
}
