using System.Formats.Tar;

namespace Parceler.Formats.Archives;

/// <summary>Writes tar archives that opkg reads: it knows GNU headers but not PAX ones, which .NET writes unless told otherwise.</summary>
internal sealed class TarArchive(DateTimeOffset modified)
{
    private const int EndLength = 1024; // two empty blocks

    /// <summary>The files and the folders above them, by name; of no file, the folder "./".</summary>
    public byte[] WriteTree(IReadOnlyList<PackagedFile> files)
    {
        var folders = files.SelectMany(file => Folders(file.Path)).Prepend("./").Distinct().Select(path => new Member(path, null));
        return Write(folders.Concat(files.Select(ToMember)).OrderBy(member => member.Name, StringComparer.Ordinal));
    }

    /// <summary>The files alone by their plain names, without the blocks that end an archive: the next part of it follows.</summary>
    public byte[] WritePart(IReadOnlyList<PackagedFile> files) => WritePlain(files)[..^EndLength];

    /// <summary>The files alone by their plain names, without "./".</summary>
    public byte[] WritePlain(IReadOnlyList<PackagedFile> files) => Write(files.Select(file => new Member(file.Path, file)));

    /// <summary>The files alone, in the order given.</summary>
    public byte[] WriteFiles(IReadOnlyList<PackagedFile> files) => Write(files.Select(ToMember));

    private static Member ToMember(PackagedFile file) => new($"./{file.Path}", file);

    private static IEnumerable<string> Folders(string path)
    {
        for (var slash = path.IndexOf('/'); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            yield return $"./{path[..(slash + 1)]}";
        }
    }

    private byte[] Write(IEnumerable<Member> members)
    {
        using var output = new MemoryStream();
        using (var tar = new TarWriter(output, TarEntryFormat.Gnu, leaveOpen: true))
        {
            foreach (var member in members)
            {
                tar.WriteEntry(ToEntry(member));
            }
        }

        return output.ToArray();
    }

    // access and change time stay unset: they would stand where opkg looks for the folder of a long name
    private GnuTarEntry ToEntry(Member member)
    {
        var entry = new GnuTarEntry(member.File is null ? TarEntryType.Directory : TarEntryType.RegularFile, member.Name)
        {
            Mode = member.File?.Mode ?? PackagedFile.Executable,
            ModificationTime = modified,
        };
        if (member.File is { } file)
        {
            entry.DataStream = new MemoryStream(file.Content);
        }

        return entry;
    }

    private readonly record struct Member(string Name, PackagedFile? File);
}
