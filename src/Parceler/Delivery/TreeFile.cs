using Parceler.Storage;

namespace Parceler.Delivery;

/// <summary>A file of a served snapshot, with what its answers need. Texts are made at its first download: most files are never asked for.</summary>
internal sealed class TreeFile(string path, Digest digest, long size, long modifiedUnixSeconds)
{
    private string? _entityTag;
    private string? _contentType;

    public string Path => path;
    public Digest Digest => digest;

    /// <summary>In bytes.</summary>
    public long Size => size;

    public DateTimeOffset ModifiedAt => DateTimeOffset.FromUnixTimeSeconds(modifiedUnixSeconds);

    /// <summary>The digest in quotes: a strong validator.</summary>
    public string EntityTag => _entityTag ??= $"\"{digest}\"";

    public string ContentType => _contentType ??= ContentTypes.Of(path);

    public PathKind Kind { get; } = IndexFiles.KindOf(path);

    public bool IsIndex => Kind is PathKind.HeadIndex or PathKind.Index or PathKind.HashedIndex;

    public bool IsAs(Digest otherDigest, long otherSize, long otherModified) => digest == otherDigest && size == otherSize && modifiedUnixSeconds == otherModified;
}
