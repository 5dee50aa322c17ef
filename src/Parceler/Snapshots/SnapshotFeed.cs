using System.Text.Json.Serialization;
using Parceler.Feeds;

namespace Parceler.Snapshots;

/// <summary>A feed that a snapshot holds: a package index with what it names.</summary>
/// <param name="Format">opkg, apk, apk v2, apt or rpm.</param>
/// <param name="Name">The folder that machines are pointed at.</param>
/// <param name="Head">The path of the index that machines read first.</param>
/// <param name="Sha256">Of that index.</param>
/// <param name="SignedAt">When upstream made it, where the format tells.</param>
/// <param name="SignedBy">The trusted key that its signature was proven with; null where none was.</param>
/// <param name="ValidUntil">After this, machines refuse it; null where the format does not tell.</param>
internal sealed record SnapshotFeed(string Format, string Name, string Head, string Sha256, int Packages, DateTimeOffset? SignedAt, string? SignedBy, DateTimeOffset? ValidUntil = null)
{
    /// <summary>Where it is in the tree.</summary>
    public FoundFeed ToFound() => FoundFeed.Of(FeedFormats.OfWord(Format), Head);

    public static SnapshotFeed Of(FeedReading reading, FeedTree tree, string? signedBy) =>
        new(
            reading.Found.Format.ToWord(),
            reading.Found.Name,
            reading.Found.Head,
            tree.Find(reading.Found.Head)?.Digest.ToString() ?? "",
            reading.Feed?.Packages.Count ?? 0,
            reading.Head?.SignedAt,
            signedBy,
            reading.Head?.ValidUntil
        );
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<SnapshotFeed>))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
internal sealed partial class SnapshotFeedJson : JsonSerializerContext;
