using System.Buffers.Binary;
using System.IO.Compression;
using Parceler.Formats.Apk;

namespace Parceler.Tests.Formats.Apk;

/// <summary>Files of apk come from outside: whatever the file, reading it ends soon, in little memory, with what it says or a refusal.</summary>
public class HostileAdbTests
{
    private static readonly byte[] Index = Unpack(ApkSamples.Index);

    [Fact]
    public void Refuses_every_part_of_an_index_but_those_without_a_whole_signature()
    {
        var payloadEnd = 8 + ((AdbFile.Read(new MemoryStream(Index), AdbLimits.Default).Payload.Length + 4 + 7) & ~7);

        var accepted = Enumerable.Range(0, Index.Length).Where(length => !IsRefused(Index[..length])).ToArray();

        accepted.Should().OnlyContain(length => length >= payloadEnd).And.HaveCount(2); // without signatures, and with one
    }

    [Fact]
    public void Refuses_a_package_beyond_its_limits()
    {
        FluentActions.Invoking(() => Read(Index, new() { Payload = 100 })).Should().Throw<InvalidDataException>().WithMessage("*more than 100*");
        FluentActions.Invoking(() => Read(Index, new() { Length = 100 })).Should().Throw<InvalidDataException>().WithMessage("*more than 100*");
        FluentActions.Invoking(() => Read(Pack(new byte[10 << 20]), new() { Length = 1 << 20 })).Should().Throw<InvalidDataException>();
    }

    [Fact]
    public void Refuses_a_package_whose_files_were_changed_or_left_out()
    {
        var package = Unpack(ApkSamples.Hello);
        var file = package.AsSpan().LastIndexOf("hi\n"u8);
        var changed = package.ToArray();
        changed[file] ^= 1;
        var other = package.ToArray();
        other[file - 4]++; // the number of the file

        foreach (var broken in new[] { changed, other, package[..(file - 12)], [.. package, .. package[(file - 12)..]] })
        {
            FluentActions.Invoking(() => Read(broken, AdbLimits.Default)).Should().Throw<InvalidDataException>().WithMessage("*does not fit its description*");
        }
    }

    [Theory]
    [InlineData(20_000)]
    [InlineData(600)] // of 5 kB, it took 100 MB
    public void Refuses_an_index_that_repeats_one_list_without_end(int length)
    {
        var count = (uint)length;
        var payload = new List<uint> { 0, 0xE0000000 | 8, 3, 0, 0xD0000000 | 20 }; // header, root, index object of two fields
        var dependency = (uint)(20 + (4 * (count + 1)));
        var dependencies = dependency + 12;
        var package = dependencies + (4 * (count + 1));
        payload.AddRange([count + 1, .. Enumerable.Repeat(0xE0000000 | package, length)]);
        payload.AddRange([2, 0x80000000 | (package + 68), 0]);
        payload.AddRange([count + 1, .. Enumerable.Repeat(0xE0000000 | dependency, length)]);
        payload.AddRange([17, 0x80000000 | (package + 68), 0x80000000 | (package + 68), .. new uint[12], 0xD0000000 | dependencies, 0]);
        payload.Add('a' << 8 | 1);

        FluentActions.Invoking(() => Read(File(payload), AdbLimits.Default)).Should().Throw<InvalidDataException>().WithMessage("*without end*");
    }

    [Fact]
    public void Never_fails_in_another_way()
    {
        foreach (var file in new[] { ApkSamples.Index, Index, ApkSamples.Hello, ApkSamples.Aplus, ApkSamples.Empty, Unpack(ApkSamples.Hello) })
        {
            Hostile.SampleMutations<InvalidDataException>(file, content => Read(content, new() { Window = 1 << 20 }), iter: 1000);
            Hostile.SampleNoise<InvalidDataException>(file, content => Read(content, new() { Window = 1 << 20 }), iter: 1000);
        }
    }

    private static bool IsRefused(byte[] file)
    {
        try
        {
            Read(file, AdbLimits.Default);
            return false;
        }
        catch (InvalidDataException)
        {
            return true;
        }
    }

    private static void Read(byte[] file, AdbLimits limits)
    {
        if (file.AsSpan().IndexOf("pckg"u8) == 4 || file.AsSpan().StartsWith("ADBc"u8))
        {
            new ApkReader(limits).Read(new MemoryStream(file));
        }
        else
        {
            ApkIndex.Of(AdbFile.Read(new MemoryStream(file), limits));
        }
    }

    private static byte[] File(List<uint> payload)
    {
        var bytes = new byte[8 + 4 + (4 * payload.Count)];
        "ADB.indx"u8.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), (uint)(bytes.Length - 8));
        for (var at = 0; at < payload.Count; at++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12 + (4 * at)), payload[at]);
        }

        return [.. bytes, .. new byte[-(bytes.Length - 8) & 7]];
    }

    private static byte[] Pack(byte[] content)
    {
        using var output = new MemoryStream();
        output.Write("ADBd"u8);
        using (var deflate = new DeflateStream(output, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write([.. "ADB.indx"u8, 0xFC, 0xFF, 0x9F, 0, .. content]);
        }

        return output.ToArray();
    }

    private static byte[] Unpack(byte[] file)
    {
        using var output = new MemoryStream();
        using var deflate = new DeflateStream(new MemoryStream(file[4..]), CompressionMode.Decompress);
        deflate.CopyTo(output);
        return output.ToArray();
    }
}
