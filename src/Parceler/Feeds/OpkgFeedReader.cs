using System.Security.Cryptography;
using Parceler.Formats.Apt;

namespace Parceler.Feeds;

/// <summary>
/// Reads Packages, or Packages.gz where that stands alone. Where both are, they have to say the same, since machines may read either: the gate
/// asks <see cref="AreSame"/>.
/// </summary>
internal static class OpkgFeedReader
{
    public const string Signature = "Packages.sig"; // over what is unpacked
    private const int LongestStanza = 1 << 20;

    public static FeedHead ReadHead(FeedFiles files, FoundFeed found)
    {
        var signature = found.Folder + Signature;
        return new(found, files.Has(signature) ? [signature] : [], null, null, []);
    }

    public static Feed Read(FeedFiles files, FeedHead head)
    {
        var found = head.Found;
        var packages = new FeedPackages(found.Root, files.Limits);
        using var index = files.OpenIndex(files.Has(PlainOf(found)) ? PlainOf(found) : found.Head); // unpacking takes longer than reading
        ReadStanzas(index, packages, files.Cancellation);
        return new(head, packages.List, []);
    }

    /// <summary>Whether Packages and Packages.gz are of one content; of one alone, whether it can be unpacked was seen when it was read.</summary>
    /// <exception cref="InvalidDataException"/>
    public static bool AreSame(FeedTree tree, FoundFeed found, FeedLimits limits)
    {
        if (found.Head == PlainOf(found) || tree.Find(PlainOf(found)) is not { } plain)
        {
            return true;
        }

        using var unpacked = new FeedFiles(tree, limits, CancellationToken.None).OpenIndex(found.Head);
        return SHA256.HashData(unpacked).AsSpan().SequenceEqual(plain.Digest.AsSpan());
    }

    private static string PlainOf(FoundFeed found) => $"{found.Folder}Packages";

    private static void ReadStanzas(Stream index, FeedPackages packages, CancellationToken cancellation)
    {
        var stanzas = new DebStanzaReader(index, LongestStanza);
        while (stanzas.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            new PackageStanza(stanzas.Current.Text.Span, isApt: false).AddTo(packages);
        }
    }
}
