using System.IO.Compression;
using System.Text;
using Parceler.Formats.Opkg;

namespace Parceler.Tests.Formats.Opkg;

public class OpkgStanzasTests
{
    private const string TwoStanzas = """
        Package: parceler-hello
        Version: 1.0.0-r1
        Depends: libc, parceler-lib (>= 1.0)
        Architecture: x86_64
        Filename: sub/parceler-hello_1.0.0-r1_x86_64.ipk
        Size: 1234
        SHA256sum: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
        Description:  Says hello
          in two lines,
         
         and a third: after a blank one

        Package: other
        Version: 2:1.0
        Architecture: all


        """;

    [Fact]
    public void Reads_the_fields_of_each_stanza()
    {
        var stanzas = OpkgStanzas.Parse(TwoStanzas).ToArray();

        stanzas.Select(stanza => (stanza.Package, stanza.Version, stanza.Architecture))
            .Should().Equal(("parceler-hello", "1.0.0-r1", "x86_64"), ("other", "2:1.0", "all"));
        (stanzas[0].Filename, stanzas[0].Size, stanzas[0].Sha256?[..8])
            .Should().Be(("sub/parceler-hello_1.0.0-r1_x86_64.ipk", 1234L, "ba7816bf"));
        stanzas[0]["Description"].Should().Be("Says hello\n  in two lines,\n \n and a third: after a blank one");
        (stanzas[1].Filename, stanzas[1].Size, stanzas[1]["Depends"]).Should().Be((null, null, null));
    }

    [Fact]
    public void Writes_what_it_read() => OpkgStanzas.Write(OpkgStanzas.Parse(TwoStanzas)).Should().Be(TwoStanzas.TrimEnd('\n') + "\n\n");

    [Fact]
    public void Reads_a_last_stanza_without_a_line_end() => OpkgStanzas.Parse("Package: a\nVersion: 1").Single().Version.Should().Be("1");

    [Fact]
    public void Takes_the_last_of_two_fields_as_opkg_does() => OpkgStanzas.Parse("Size: 1\nSize: 2\n").Single().Size.Should().Be(2);

    [Fact]
    public void Sets_a_field_in_its_place_or_before_the_description()
    {
        var stanza = OpkgStanzas.Parse("Package: a\nSize: 1\nDescription: x\n").Single();

        stanza.With(new StanzaField("Size", " 2"), new StanzaField("Filename", " a.ipk")).ToString()
            .Should().Be("Package: a\nSize: 2\nFilename: a.ipk\nDescription: x\n");
        stanza.Without(field => field.Name == "Description").With(new StanzaField("Section", " net")).ToString()
            .Should().Be("Package: a\nSize: 1\nSection: net\n");
    }

    [Theory]
    [InlineData("no field\n")]
    [InlineData(": no name\n")]
    [InlineData("two words: x\n")]
    [InlineData(" continues nothing\n")]
    [InlineData("Package: a\n\n continues nothing\n")]
    public void Refuses_what_is_no_field(string text) =>
        FluentActions.Invoking(() => OpkgStanzas.Parse(text).ToArray()).Should().Throw<InvalidDataException>().WithMessage("Line *");

    [Fact]
    public void Refuses_a_line_longer_than_opkg_reads() =>
        FluentActions.Invoking(() => OpkgStanzas.Parse($"Depends: {new string('a', 1 << 20)}\n").ToArray()).Should().Throw<InvalidDataException>();

    [Fact]
    public void Names_the_package_that_lacks_a_field() =>
        FluentActions.Invoking(() => OpkgStanzas.Parse("Package: a\n").Single().Version)
            .Should().Throw<InvalidDataException>().WithMessage("*'a'*Version*");

    [Fact]
    public void Reads_a_whole_gzip_file_and_refuses_every_part_of_it()
    {
        var whole = Gzip(TwoStanzas);

        OpkgStanzas.ReadGzip(new MemoryStream(whole), 1000).Should().HaveCount(2);
        for (var length = 0; length < whole.Length; length++)
        {
            var part = whole[..length];
            FluentActions.Invoking(() => OpkgStanzas.ReadGzip(new MemoryStream(part), 1000)).Should().Throw<InvalidDataException>($"{length} bytes are a part");
        }
    }

    [Fact]
    public void Refuses_a_gzip_file_that_unpacks_to_more_than_allowed()
    {
        var bomb = Gzip(new string('\n', 10_000_000));

        FluentActions.Invoking(() => OpkgStanzas.ReadGzip(new MemoryStream(bomb), 1000)).Should().Throw<InvalidDataException>().WithMessage("*more than 1000*");
    }

    [Fact]
    public void Reads_a_field_of_very_many_lines_without_joining_them_one_by_one()
    {
        var text = $"Package: a\n{string.Concat(Enumerable.Repeat(" b\n", 50_000))}";

        Hostile.Allocated<InvalidDataException>(() => OpkgStanzas.Write(OpkgStanzas.Parse(text)).Should().Be($"{text}\n")).Should().BeLessThan(20_000_000);
    }

    private static byte[] Gzip(string text)
    {
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Optimal))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return output.ToArray();
    }
}
