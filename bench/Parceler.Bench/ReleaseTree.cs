using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Parceler.Bench;

/// <summary>
/// A made-up release of a router distribution: six feeds of packages whose sizes follow those of a real one, with
/// their indexes, and some images. The same numbers always give the same bytes and times; on each further day about
/// one package in a hundred changes.
/// </summary>
internal sealed class ReleaseTree(int files, int day, bool isSmall)
{
    private const int Seed = 42;
    private const int ChangesIn = 100; // one package in so many changes each day
    private static readonly DateTime s_first = new(2025, 6, 15, 0, 0, 0, DateTimeKind.Utc);

    private static readonly (string Folder, double Share)[] s_feeds =
    [
        ("packages/x86_64/base", .12),
        ("packages/x86_64/packages", .62),
        ("packages/x86_64/luci", .82),
        ("packages/x86_64/routing", .85),
        ("packages/x86_64/telephony", .88),
        ("targets/x86/64/packages", 1),
    ];

    public void Write(string folder)
    {
        var stanzas = s_feeds.ToDictionary(feed => feed.Folder, _ => new StringBuilder());
        for (var number = 0; number < files; number++)
        {
            WritePackage(folder, number, stanzas);
        }

        foreach (var (feed, text) in stanzas)
        {
            WriteIndexes(Path.Combine(folder, feed), Encoding.UTF8.GetBytes(text.ToString()));
        }

        WriteFile(Path.Combine(folder, "latest_release"), Encoding.UTF8.GetBytes($"23.05.{day}\n"), day);
        foreach (var (name, size) in new[] { ("combined.img.gz", 12_000_000), ("kernel.bin", 5_000_000), ("rootfs.tar.gz", 6_000_000) })
        {
            WriteFile(Path.Combine(folder, "targets/x86/64", name), Bytes(new Random(HashOf(name, 0)), isSmall ? 1000 : size), 0);
        }
    }

    private void WritePackage(string folder, int number, Dictionary<string, StringBuilder> stanzas)
    {
        var fixedTraits = new Random(HashOf("package", number));
        var place = fixedTraits.NextDouble();
        var feed = s_feeds.First(f => place < f.Share).Folder;
        var size = SizeOf(fixedTraits);
        var changed = LastChange(number);
        var version = changed + 1;
        var name = $"lib{(char)('a' + (number % 26))}{number}_1.{version}-r1_x86_64.ipk";
        var content = Bytes(new Random(HashOf($"content {version}", number)), size);
        WriteFile(Path.Combine(folder, feed, name), content, changed);
        stanzas[feed]
            .Append($"Package: lib{number}\nVersion: 1.{version}-r1\nArchitecture: x86_64\nFilename: {name}\nSize: {size}\n")
            .Append($"SHA256sum: {Convert.ToHexStringLower(SHA256.HashData(content))}\nDescription:  package number {number}\n\n");
    }

    // The last day, up to this one, on which the package changed.
    private int LastChange(int number)
    {
        for (var d = day; d > 0; d--)
        {
            if (new Random(HashOf($"day {d}", number)).Next(ChangesIn) == 0)
            {
                return d;
            }
        }

        return 0;
    }

    // Most are a few kilobytes, some several hundred.
    private int SizeOf(Random random)
    {
        var (median, spread, least, most) = isSmall ? (3_000, 1.0, 300, 65_536)
            : random.NextDouble() < .85 ? (9_000, 1.2, 700, 20_000_000)
            : (400_000, 1.4, 700, 20_000_000);
        var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return (int)Math.Clamp(median * Math.Exp(spread * normal), least, most);
    }

    private void WriteIndexes(string folder, byte[] packages)
    {
        WriteFile(Path.Combine(folder, "Packages"), packages, day);
        WriteFile(Path.Combine(folder, "Packages.manifest"), [.. packages, .. "\n"u8], day);
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize))
        {
            gzip.Write(packages);
        }

        WriteFile(Path.Combine(folder, "Packages.gz"), compressed.ToArray(), day);
        WriteFile(Path.Combine(folder, "Packages.sig"), SHA512.HashData(packages), day);
    }

    private static void WriteFile(string path, byte[] content, int changedOn)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        File.SetLastWriteTimeUtc(path, s_first.AddDays(changedOn));
    }

    private static byte[] Bytes(Random random, int size)
    {
        var content = new byte[size];
        random.NextBytes(content);
        return content;
    }

    private static int HashOf(string what, int number) => BitConverter.ToInt32(SHA256.HashData(Encoding.UTF8.GetBytes($"{Seed}/{what}/{number}")));
}
