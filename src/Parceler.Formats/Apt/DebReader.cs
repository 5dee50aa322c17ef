using System.Globalization;
using System.Security.Cryptography;
using Parceler.Formats.Archives;
using Parceler.Formats.Compression;

namespace Parceler.Formats.Apt;

/// <summary>
/// Reads what a .deb says of itself: an ar archive of debian-binary, control.tar{,.gz,.xz,.zst} and data.tar. Trusts nothing in it: a broken or
/// hostile file is an <see cref="InvalidDataException"/>. Source: deb(5).
/// </summary>
public sealed class DebReader(DebLimits limits)
{
    private const int FormatLimit = 64;
    private const string ControlTar = "control.tar";

    /// <summary>The control stanza. Reads the package to its end, so one that was cut short is refused too.</summary>
    public DebStanza ReadControl(Stream deb)
    {
        var archive = new ArReader(deb);
        CheckFormat(archive.Next());
        var control = ControlOf(NextShown(archive));
        if (NextShown(archive)?.Name.StartsWith("data.tar", StringComparison.Ordinal) != true)
        {
            throw new InvalidDataException("The package has no data.tar after its control.tar");
        }

        while (archive.Next() is not null)
        {
            // newer writers may add members at the end
        }

        return control;
    }

    /// <summary>The stanza of Packages for a file that stands at a path below the root of the repository.</summary>
    public DebStanza List(Stream deb, string path)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var hashed = new HashedStream(deb, hash);
        var control = ReadControl(hashed);
        return control
            .With("Filename", path)
            .With("Size", hashed.Count.ToString(CultureInfo.InvariantCulture))
            .With("SHA256", Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static void CheckFormat(ArMember? first)
    {
        if (first is not { Name: "debian-binary", Size: <= FormatLimit } || !ReadAll(first.Content).AsSpan().StartsWith("2."u8))
        {
            throw new InvalidDataException("The package does not begin with a debian-binary of format 2");
        }
    }

    // members whose names begin with '_' are for others, and dpkg steps over them
    private static ArMember? NextShown(ArReader archive)
    {
        var member = archive.Next();
        while (member?.Name.StartsWith('_') == true)
        {
            member = archive.Next();
        }

        return member;
    }

    private DebStanza ControlOf(ArMember? member)
    {
        if (member?.Name is not (ControlTar or $"{ControlTar}.gz" or $"{ControlTar}.xz" or $"{ControlTar}.zst"))
        {
            throw new InvalidDataException($"The package has '{member?.Name}' where its {ControlTar} should be");
        }

        using var tar = CompressedStream.OpenRead(member.Content, CompressedStream.MethodOf(member.Name), new(limits.ControlTree, limits.Window));
        var control = TarMember.Read(tar, "control", limits.Control) ?? throw new InvalidDataException("The package has no control file");
        return DebStanzas.Read(new MemoryStream(control), limits.Control).ToArray() is [var stanza]
            ? stanza
            : throw new InvalidDataException("The control file of the package is not one stanza");
    }

    private static byte[] ReadAll(Stream content)
    {
        using var copy = new MemoryStream();
        content.CopyTo(copy);
        return copy.ToArray();
    }
}
