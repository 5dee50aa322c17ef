using System.IO.Compression;
using System.Text;
using Parceler.Formats.Opkg;

namespace Parceler.Tests.Formats.Opkg;

/// <summary>Packages come from outside: whatever the file, reading it ends soon, in little memory, with the control or a refusal.</summary>
public class HostileIpkTests
{
    private const string Control = "Package: a\nVersion: 1\nArchitecture: all\n";
    private static readonly byte[] Whole = Ipk(Tar(Entry("./control", Control)));

    [Fact]
    public void Reads_a_package_of_another_writer() => Read(Whole).Package.Should().Be("a");

    [Fact]
    public void Refuses_every_part_of_a_package()
    {
        for (var length = 0; length < Whole.Length; length++)
        {
            var part = Whole[..length];
            FluentActions.Invoking(() => Read(part)).Should().Throw<InvalidDataException>($"{length} bytes are a part");
        }
    }

    [Fact]
    public void Never_fails_in_another_way_when_a_byte_is_changed()
    {
        for (var at = 0; at < Whole.Length; at++)
        {
            var changed = Whole.ToArray();
            changed[at] ^= 0x55;
            Refusal(changed).Should().Match(error => error == null || error is InvalidDataException, $"byte {at} is changed");
        }
    }

    [Fact]
    public void Refuses_a_package_without_a_control() => Refusal(Ipk(Tar(Entry("./postinst", "")))).Should().BeOfType<InvalidDataException>();

    [Fact]
    public void Refuses_two_controls() =>
        Refusal(Ipk(Tar(Entry("./control", Control), Entry("control", Control))))!.Message.Should().Contain("twice");

    [Fact]
    public void Refuses_a_control_of_two_stanzas() =>
        Refusal(Ipk(Tar(Entry("./control", $"{Control}\n{Control}"))))!.Message.Should().Contain("one stanza");

    [Fact]
    public void Takes_no_folder_or_link_for_the_control() =>
        Refusal(Ipk(Tar(Entry("./control", Control, type: '2')))).Should().BeOfType<InvalidDataException>();

    [Fact]
    public void Takes_no_file_in_a_folder_for_the_control()
    {
        var inFolder = Entry("control", Control, folder: "usr");

        Refusal(Ipk(Tar(inFolder))).Should().BeOfType<InvalidDataException>();
    }

    [Theory]
    [InlineData(10, 1_000_000, 1_000_000, 1000)]
    [InlineData(1_000_000, 20, 1_000_000, 1000)]
    [InlineData(1_000_000, 1_000_000, 1000, 1000)]
    [InlineData(1_000_000, 1_000_000, 1_000_000, 10)]
    public void Refuses_what_unpacks_to_more_than_any_of_its_limits(long archive, int controlArchive, int controlTree, int control)
    {
        var limits = new IpkLimits { Archive = archive, ControlArchive = controlArchive, ControlTree = controlTree, Control = control };

        FluentActions.Invoking(() => new IpkReader(limits).ReadControl(new MemoryStream(Whole))).Should().Throw<InvalidDataException>().WithMessage("*more than*");
    }

    [Fact]
    public void Refuses_a_size_that_the_archive_does_not_hold() =>
        Refusal(Ipk(Entry("./control", Control, size: 8_000)))!.Message.Should().Contain("cut short");

    [Fact]
    public void Refuses_a_size_beyond_the_limit_before_it_takes_memory() =>
        Refusal(Ipk(Entry("./control", "", size: 8L << 30)))!.Message.Should().Contain("more than");

    private static OpkgStanza Read(byte[] ipk) => new IpkReader(IpkLimits.Default).ReadControl(new MemoryStream(ipk));

    private static Exception? Refusal(byte[] ipk)
    {
        try
        {
            Read(ipk);
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }

    private static byte[] Ipk(byte[] controlTar) => Gzip(Tar(Entry("./debian-binary", "2.0\n"), Entry("control.tar.gz", Latin1(Gzip(controlTar)))));

    private static byte[] Tar(params byte[][] entries) => [.. entries.SelectMany(entry => entry), .. new byte[1024]];

    /// <summary>A header in the old way, and the content with its padding.</summary>
    private static byte[] Entry(string name, string content, char type = '0', string folder = "", long? size = null)
    {
        var bytes = Encoding.Latin1.GetBytes(content);
        var entry = new byte[512 + ((bytes.Length + 511) / 512 * 512)];
        Encoding.ASCII.GetBytes(name).CopyTo(entry, 0);
        Encoding.ASCII.GetBytes(Convert.ToString(size ?? bytes.Length, 8).PadLeft(11, '0')).CopyTo(entry, 124);
        "        "u8.CopyTo(entry.AsSpan(148));
        entry[156] = (byte)type;
        Encoding.ASCII.GetBytes(folder).CopyTo(entry, 345);
        Encoding.ASCII.GetBytes($"{Convert.ToString(entry.AsSpan(0, 512).ToArray().Sum(b => b), 8).PadLeft(6, '0')}\0 ").CopyTo(entry, 148);
        bytes.CopyTo(entry, 512);
        return entry;
    }

    private static string Latin1(byte[] bytes) => Encoding.Latin1.GetString(bytes);

    private static byte[] Gzip(byte[] content)
    {
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Optimal))
        {
            gzip.Write(content);
        }

        return output.ToArray();
    }
}
