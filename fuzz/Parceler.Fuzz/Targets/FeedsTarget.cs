using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Parceler.Feeds;
using Parceler.Storage;
using Parceler.Tests.Formats.Apk;

namespace Parceler.Fuzz.Targets;

/// <summary>
/// Whole feeds of each format: found, read and verified. An input is their files, parted by a line; the packed ones are packed here, and a head may name the
/// hash and the size of a file by its number (<c>@1</c> and <c>#1</c>), so that changes of that file get past it.
/// </summary>
internal static class FeedsTarget
{
    private const string Cut = "\n--8<--\n";
    private static readonly FeedReader s_reader = new(new() { Index = 8 << 20, Whole = 4 << 20 });
    private static readonly TrustedKey[] s_keys = [Key(Sample.Opkg("feed-key.pub")), Key(Sample.Bytes(ApkSamples.EcdsaKey)), Key(Sample.Bytes(ApkSamples.RsaKey)), Key(Sample.Of("key.pgp"))];

    public static FuzzTarget Create() => new("feeds",
    [
        Reader("opkg", ["f/Packages", "f/Packages.sig"], () => [Join(Sample.Opkg("Packages"), Sample.Opkg("Packages.sig"))]),
        Reader("opkg-gz", ["f/Packages.gz", "f/Packages.sig"], () => [Join(Sample.Opkg("Packages"), Sample.Opkg("Packages.sig"))]),
        Reader("apk", ["f/packages.adb"], () => [ApkSamples.Index]),
        Reader("apk2", ["f/APKINDEX.tar.gz"], () => ["C:Q1tGUHGdEDBqXzAFgASpoIcvyODSI=\nP:hello\nV:1.0-r0\nA:x86_64\nS:100\n\n"u8.ToArray()]),
        Reader("apt", ["d/dists/s/Release", "d/dists/s/main/binary-amd64/Packages.gz", "d/dists/s/Release.gpg"], () => [Join(Sample.Bytes(Release), Sample.Of("Packages"), Sample.Of("Release.gpg"))]),
        Reader("apt-inline", ["d/dists/s/InRelease"], () => [Sample.Of("InRelease")]),
        Reader("rpm", ["r/repodata/repomd.xml", "r/repodata/primary.xml.gz", "r/repodata/updateinfo.xml.gz", "r/repodata/repomd.xml.asc"], () => [Join(Sample.Bytes(RepoMd), Sample.Of("primary.xml"), Sample.Of("updateinfo.xml"), Sample.Of("Release.gpg"))]),
        FuzzReader.OfAll("paths", FindFeeds, () => ["dists/s/InRelease\ndists/s/main/binary-all/Packages.xz\nPackages\na/Packages.gz\nrepodata/repomd.xml\nx/repodata/repomd.xml\na.adb\nv/APKINDEX.tar.gz\nf/Release\nf/Packages"u8.ToArray()]),
    ],
    [Cut, "@1", "#1", "@2", "#2", "Filename: ./", "SHA256sum: ", "MD5sum: ", "SHA512: ", "Size: 0", "../", "<location href=\"repodata/primary.xml.gz\"/>", "<data type=\"primary\">", "type=\"security\"", "/dists/", "repodata/", "${name}", "${hash:8}", "\u001b[2J", "-security"]);

    private const string Release = "Suite: s-security\nDate: Thu, 26 Nov 2026 07:00:00 UTC\nAcquire-By-Hash: yes\nSHA256:\n @1 #1 main/binary-amd64/Packages.gz\n @1 #1 main/binary-amd64/Packages\n";

    private const string RepoMd = """
        <repomd><revision>1790000000</revision>
        <data type="primary"><checksum type="sha256">@1</checksum><location href="repodata/primary.xml.gz"/><size>#1</size></data>
        <data type="updateinfo"><checksum type="sha256">@2</checksum><location href="repodata/updateinfo.xml.gz"/><size>#2</size></data>
        </repomd>
        """;

    private static FuzzReader Reader(string name, string[] paths, Func<IEnumerable<byte[]>> seeds) => FuzzReader.OfAll(name, input => Read(Tree(input, paths)), seeds);

    private static void Read(MemoryTree tree)
    {
        foreach (var found in FeedFinder.Find(tree.Paths))
        {
            _ = FeedSniff.LooksLikeFeed(found, tree);
            var reading = s_reader.ReadHead(found, tree, CancellationToken.None);
            FuzzFaultException.Unless(reading.Fault is null || !reading.Fault.ToString().Any(char.IsControl), "a message cannot steer a terminal");
            if (reading.Head is { } head)
            {
                _ = new VerifyFeed(tree, s_keys, Sample.Time).Run(head, CancellationToken.None);
                Check(s_reader.Read(found, tree, CancellationToken.None));
            }
        }
    }

    private static void Check(FeedReading reading)
    {
        FuzzFaultException.Unless(reading.Fault is null || !reading.Fault.ToString().Any(char.IsControl), "a message cannot steer a terminal");
        foreach (var package in reading.Feed?.Packages ?? [])
        {
            FuzzFaultException.Unless(PackagePath.IsValid(package.Path) && package.Size is null or >= 0, "a package has a path in the tree and no size below 0");
            FuzzFaultException.Unless(!$"{package.Name}{package.Version}{package.Architecture}{package.FixedIn}".Any(char.IsControl), "words of packages cannot steer a terminal");
        }
    }

    private static void FindFeeds(byte[] file)
    {
        var paths = Encoding.UTF8.GetString(file).Split('\n').Where(path => PackagePath.IsValid(path)).ToList();
        foreach (var found in FeedFinder.Find(paths))
        {
            FuzzFaultException.Unless(paths.Contains(found.Head) && found.ToString().Length > 0 && found.Identity.Length > 0, "a feed that is found has its head in the tree");
        }
    }

    private static MemoryTree Tree(byte[] input, string[] paths)
    {
        var parts = Split(input);
        var files = paths.Zip(parts, (path, part) => (path, content: Packed(path, part))).ToList();
        var named = files.Skip(1).ToList();
        return new(files.ToDictionary(file => file.path, file => file.path == paths[0] && named.Count > 0 ? Name(file.content, named.ConvertAll(other => other.content)) : file.content));
    }

    private static byte[] Packed(string path, byte[] part) =>
        path.EndsWith(".tar.gz", StringComparison.Ordinal) ? Pack.Gzip(Pack.Tar(("APKINDEX", part)))
        : path.EndsWith(".gz", StringComparison.Ordinal) ? Pack.Gzip(part)
        : part;

    private static byte[] Name(byte[] head, List<byte[]> files)
    {
        var text = Encoding.Latin1.GetString(head);
        for (var at = 1; at <= files.Count && head.Length < 64 << 10; at++)
        {
            text = text.Replace($"@{at}", Convert.ToHexStringLower(SHA256.HashData(files[at - 1])), StringComparison.Ordinal)
                .Replace($"#{at}", files[at - 1].Length.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        }

        return Encoding.Latin1.GetBytes(text);
    }

    private static List<byte[]> Split(byte[] input)
    {
        var parts = new List<byte[]>();
        for (var rest = input.AsSpan(); parts.Count < 4;)
        {
            var end = rest.IndexOf("\n--8<--\n"u8);
            parts.Add((end < 0 ? rest : rest[..(end + 1)]).ToArray());
            if (end < 0)
            {
                break;
            }

            rest = rest[(end + Cut.Length)..];
        }

        return parts;
    }

    private static byte[] Join(params byte[][] files) => [.. files.SelectMany((file, at) => at == 0 ? file : [.. Sample.Bytes(Cut), .. file])];

    private static TrustedKey Key(byte[] content) => TrustedKey.Parse("a", content);
}
