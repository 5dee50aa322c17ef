using System.Security.Cryptography;
using Parceler.Formats.Apt;

namespace Parceler.Feeds;

/// <summary>Reads Packages.gz or Packages; where both are, they have to say the same, since machines may read either.</summary>
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
        using var index = files.OpenIndex(found.Head);
        using var sum = SHA256.Create();
        using var summed = new CryptoStream(index, sum, CryptoStreamMode.Read);
        ReadStanzas(summed, packages, files.Cancellation);
        RequireSame(files, found, sum.Hash!);
        return new(head, packages.List, []);
    }

    private static void ReadStanzas(Stream index, FeedPackages packages, CancellationToken cancellation)
    {
        var stanzas = new DebStanzaReader(index, LongestStanza);
        while (stanzas.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            new PackageStanza(stanzas.Current.Text.Span, isApt: false).AddTo(packages);
        }
    }

    private static void RequireSame(FeedFiles files, FoundFeed found, byte[] sum)
    {
        if (files.Find(found.Folder + "Packages") is { } plain && !plain.Digest.AsSpan().SequenceEqual(sum))
        {
            throw new FeedFaultException("Packages and Packages.gz are not of the same content");
        }
    }
}
