using System.Text;
using CsCheck;
using Parceler.Formats.Apt;

namespace Parceler.Tests.Formats.Apt;

public class DebStanzaTests
{
    private const string TwoStanzas = """
        Package: hello
        Version: 2:1.0~rc1-1
        Architecture: amd64
        Filename: pool/main/h/hello_1.0~rc1-1_amd64.deb
        Size: 1234
        SHA256: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
        Description: Says hello
          in two lines,
         .
         and a third

        Package: other
        Version:1
        Architecture: all


        """;

    [Fact]
    public void Finds_every_field_that_it_names()
    {
        var stanza = DebStanza.Parse("Größe: 1\nB: 2\n");

        stanza.Names.Select(name => stanza[name]).Should().Equal("1", "2");
        stanza.With("Größe", "3").ToString().Should().Be("Größe: 3\nB: 2\n");
    }

    [Fact]
    public void Reads_the_fields_of_each_stanza()
    {
        var stanzas = Read(TwoStanzas);

        stanzas.Select(stanza => (stanza.Package, stanza.Version, stanza.Architecture)).Should().Equal(("hello", "2:1.0~rc1-1", "amd64"), ("other", "1", "all"));
        (stanzas[0].Filename, stanzas[0].Size, stanzas[0].Sha256?[..8]).Should().Be(("pool/main/h/hello_1.0~rc1-1_amd64.deb", 1234L, "ba7816bf"));
        stanzas[0]["Description"].Should().Be("Says hello\n  in two lines,\n .\n and a third");
        (stanzas[1].Filename, stanzas[1].Size, stanzas[1]["Depends"]).Should().Be((null, null, null));
        stanzas[1].Names.Should().Equal("Package", "Version", "Architecture");
    }

    [Fact]
    public void Knows_fields_in_any_case_and_takes_the_first_of_two_as_apt_does() => Read("SIZE: 1\nsize: 2\nSizes: 3\n")[0].Size.Should().Be(1);

    [Theory]
    [InlineData("-1")]
    [InlineData("1 2")]
    [InlineData("99999999999999999999")]
    [InlineData("")]
    public void Takes_no_other_text_for_a_size(string size) => Read($"Package: a\nSize: {size}\n")[0].Size.Should().BeNull();

    [Fact]
    public void Reads_a_last_stanza_without_a_line_end() => Read("Package: a\nVersion: 1").Single().Version.Should().Be("1");

    [Fact]
    public void Parts_stanzas_at_any_number_of_blank_lines() => Read("\n\nPackage: a\n\n\n\nPackage: b\n\n").Should().HaveCount(2);

    [Fact]
    public void Sets_a_field_in_its_place_or_before_the_description()
    {
        var stanza = DebStanza.Parse("Package: a\nSize: 1\nDescription: x\n y\n");

        stanza.With("Size", "2").With("Filename", "a.deb").ToString().Should().Be("Package: a\nSize: 2\nFilename: a.deb\nDescription: x\n y\n");
        stanza.Without("description").With("SHA256", "\n a\n b").ToString().Should().Be("Package: a\nSize: 1\nSHA256:\n a\n b\n");
    }

    [Theory]
    [InlineData("Size", "1\n\nPackage: b")]
    [InlineData("Size", "1\nPackage: b")]
    [InlineData("Size: 1\nx", "1")]
    public void Refuses_to_set_what_would_be_another_field_or_stanza(string name, string value) =>
        FluentActions.Invoking(() => DebStanza.Parse("Package: a\n").With(name, value)).Should().Throw<ArgumentException>();

    [Theory]
    [InlineData("no field\n")]
    [InlineData(": no name\n")]
    [InlineData("two words: x\n")]
    [InlineData(" continues nothing\n")]
    [InlineData("Package: a\n\n continues nothing\n")]
    [InlineData("Package: a\n# no comment\n")]
    public void Refuses_what_is_no_field(string text) => FluentActions.Invoking(() => Read(text)).Should().Throw<InvalidDataException>().WithMessage("Line *");

    [Fact]
    public void Refuses_a_stanza_without_end() =>
        FluentActions.Invoking(() => new DebStanzaReader(new EndlessStream(), 1 << 20).Read()).Should().Throw<InvalidDataException>().WithMessage("*more than 1048576*");

    [Fact]
    public void Reads_in_pieces_of_any_length_what_stands_in_one()
    {
        var stanza = Gen.String[Gen.Char["ab: \t.é"], 0, 9].Array[0, 6].Select(lines => $"Package: a\n{string.Concat(lines.Select(line => $" x{line}\n"))}");

        Gen.Select(stanza.Array[0, 20], Gen.Int[1, 30], Gen.Int[40, 200]).Sample((stanzas, piece, limit) =>
        {
            var bytes = Encoding.UTF8.GetBytes(string.Concat(stanzas.Select(text => $"{text}\n")));
            if (stanzas.All(text => Encoding.UTF8.GetByteCount(text) < limit))
            {
                Write(new DebStanzaReader(new PiecesStream(bytes, piece), limit)).Should().Equal(bytes);
            }
        });
    }

    [Fact]
    public void Never_fails_in_another_way()
    {
        var valid = Encoding.UTF8.GetBytes(TwoStanzas);

        Hostile.SampleMutations<InvalidDataException>(valid, ReadAll);
        Hostile.SampleNoise<InvalidDataException>(valid, ReadAll);
    }

    private static void ReadAll(byte[] file)
    {
        foreach (var stanza in DebStanzas.Read(new MemoryStream(file)))
        {
            _ = (stanza["Package"], stanza.Size, stanza.Names.Count());
        }
    }

    private static DebStanza[] Read(string text) => [.. DebStanzas.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)))];

    private static byte[] Write(DebStanzaReader reader)
    {
        using var output = new MemoryStream();
        using (var writer = new DebStanzaWriter(output))
        {
            while (reader.Read())
            {
                writer.Write(reader.Current);
            }
        }

        return output.ToArray();
    }

    private sealed class PiecesStream(byte[] content, int piece) : MemoryStream(content)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(piece, buffer.Length)]);
    }

    private sealed class EndlessStream : MemoryStream
    {
        public override int Read(Span<byte> buffer)
        {
            buffer.Fill((byte)'a');
            return buffer.Length;
        }
    }
}
