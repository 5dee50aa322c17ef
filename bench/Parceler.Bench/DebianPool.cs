using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Parceler.Bench;

/// <summary>Small .deb packages (deb(5): an ar archive of debian-binary, control.tar.gz, data.tar.gz), for the peers that only take such.</summary>
internal sealed class DebianPool(int packages)
{
    public void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        for (var number = 0; number < packages; number++)
        {
            using var file = File.Create(Path.Combine(folder, $"sample{number}_1.0_amd64.deb"));
            file.Write("!<arch>\n"u8);
            Add(file, "debian-binary", "2.0\n"u8);
            Add(file, "control.tar.gz", Tar("./control", Control(number)));
            Add(file, "data.tar.gz", Tar($"./usr/share/sample{number}", new string('x', 500 + (number % 1000))));
        }
    }

    private static string Control(int number) =>
        $"Package: sample{number}\nVersion: 1.0\nArchitecture: amd64\nMaintainer: Bench <bench@localhost>\nDescription: sample number {number}\n";

    private static byte[] Tar(string name, string content)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(gzip, TarEntryFormat.Gnu))
        {
            tar.WriteEntry(new GnuTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)) });
        }

        return bytes.ToArray();
    }

    private static void Add(Stream archive, string name, ReadOnlySpan<byte> content)
    {
        archive.Write(Encoding.ASCII.GetBytes($"{name,-16}{0,-12}{0,-6}{0,-6}{100644,-8}{content.Length,-10}`\n"));
        archive.Write(content);
        if (content.Length % 2 != 0)
        {
            archive.WriteByte((byte)'\n');
        }
    }
}
