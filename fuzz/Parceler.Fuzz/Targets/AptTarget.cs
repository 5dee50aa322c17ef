using System.Text;
using Parceler.Formats.Apt;
using Parceler.Formats.Compression;
using Parceler.Formats.Signing;

namespace Parceler.Fuzz.Targets;

/// <summary>Release, InRelease, Packages however packed.</summary>
internal static class AptTarget
{
    private const int Limit = 1 << 20;

    public static FuzzTarget Create() => new("apt",
    [
        FuzzReader.OfData("release", ReadRelease, () => [Sample.Of("Release")]),
        new("inrelease", [typeof(FormatException), typeof(InvalidDataException)], file => ReadRelease(ClearsignedText.Parse(file).Text), () => [Sample.Of("InRelease")]),
        FuzzReader.OfData("packages", ReadPackages, () => [Sample.Of("Packages"), "A: b\n c\n\td\n\nE:f"u8.ToArray()]),
        FuzzReader.OfData("packages-gz", text => ReadPacked(Pack.Gzip(text), CompressionMethod.Gzip), () => [Sample.Of("Packages")]),
        FuzzReader.OfData("packages-zst", text => ReadPacked(Pack.Zstd(text), CompressionMethod.Zstd), () => [Sample.Of("Packages")]),
        FuzzReader.OfData("packages-xz", file => ReadPacked(file, CompressionMethod.Xz), () => [Sample.Of("Packages.xz")]),
    ],
    ["Package: ", "Version: ", "Date: ", "Valid-Until: ", "SHA256:\n", "SHA512:\n", "Acquire-By-Hash: yes\n", "Suite: ", "Thu, 26 Nov 2026 07:00:00 UTC", " +0000", "\n ", "\n\n", "../", "-----BEGIN PGP SIGNED MESSAGE-----\n",
        "Hash: SHA512\n", "-----BEGIN PGP SIGNATURE-----\n", "-----END PGP SIGNATURE-----\n", "- -", "by-hash/"]);

    private static void ReadRelease(byte[] text)
    {
        var release = AptRelease.Parse(text);
        _ = (release.Suite, release.Codename, release.Architectures, release.Components, release.HasByHash, release.StrongestHash, release.ValidUntil);
        FuzzFaultException.Unless(release.Files.All(file => file.Size >= 0 && !file.ByHashPath.Split('/').Contains("..")), "files are below the Release");
        FuzzFaultException.Unless(AptRelease.Parse(release.ToBytes()).Files.SequenceEqual(release.Files), "what is written is read as the same");
    }

    private static void ReadPackages(byte[] text)
    {
        using var whole = new MemoryStream();
        using var parts = new MemoryStream();
        Copy(new MemoryStream(text), whole);
        Copy(new Dribble(text), parts);
        FuzzFaultException.Unless(parts.ToArray().AsSpan().SequenceEqual(whole.ToArray()), "parts of a file do not matter");
    }

    private static void Copy(Stream text, Stream output)
    {
        using var writer = new DebStanzaWriter(output);
        var reader = new DebStanzaReader(text, Limit);
        for (var count = 0; reader.Read(); count++)
        {
            writer.Write(reader.Current);
            if (count < 100)
            {
                Look(reader.Current);
            }
        }
    }

    private static void Look(DebStanza stanza)
    {
        _ = (stanza.Filename, stanza.Size, stanza.Sha256, stanza["DESCRIPTION"]);
        foreach (var name in stanza.Names.Take(100))
        {
            FuzzFaultException.Unless(stanza[name] is not null || name.Contains('\uFFFD'), "a field that is named is there");
        }

        var changed = stanza.With("Size", "1").Without("Filename").With("Added", "\n a");
        FuzzFaultException.Unless(changed.Size == 1 && DebStanza.Parse(changed.ToString().Replace("\uFFFD", "?", StringComparison.Ordinal))["Added"] == "a", "what is changed can be read");
    }

    private static void ReadPacked(byte[] packed, CompressionMethod method)
    {
        using var text = CompressedStream.OpenRead(new MemoryStream(packed), method, new(8 << 20));
        foreach (var stanza in DebStanzas.Read(text, Limit))
        {
            _ = Encoding.UTF8.GetString(stanza.Text.Span);
        }
    }
}
