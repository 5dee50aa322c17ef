using System.Diagnostics;
using Parceler.Snapshots;
using Parceler.Storage;

namespace Parceler.Tests.Snapshots;

public class ManifestFormatTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reads_what_it_writes()
    {
        var manifest = Some(files: 1000);

        var read = await ReadAsync(ManifestFormat.Write(manifest));

        read.Header.Should().Be(manifest.Header);
        read.Files.Should().Equal(manifest.Files);
    }

    [Fact]
    public async Task Is_read_by_zstdcat_and_jq()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllBytesAsync(file, ManifestFormat.Write(Some(files: 3)), Cancellation);

        var output = await ShellAsync($"zstdcat < {file} | jq -r '.path // .repository'");

        output.Should().Be("base\na/0001 \"quoted\"+~\na/0002 \"quoted\"+~\na/0003 \"quoted\"+~\n");
        File.Delete(file);
    }

    [Fact]
    public async Task A_manifest_cut_anywhere_is_damaged()
    {
        var whole = ManifestFormat.Write(Some(files: 200));

        foreach (var length in Enumerable.Range(0, 40).Select(i => whole.Length * i / 40))
        {
            var read = () => ReadAsync(whole[..length]);
            (await read.Should().ThrowAsync<CorruptManifestException>()).WithMessage("*base*damaged*");
        }
    }

    [Fact]
    public async Task A_manifest_with_any_byte_flipped_is_damaged()
    {
        var whole = ManifestFormat.Write(Some(files: 50));

        foreach (var at in Enumerable.Range(0, 60).Select(i => whole.Length * i / 60))
        {
            var altered = whole.ToArray();
            altered[at] ^= 0x10;
            var read = () => ReadAsync(altered);
            await read.Should().ThrowAsync<CorruptManifestException>($"byte {at} was altered");
        }
    }

    [Fact]
    public async Task A_manifest_of_a_later_format_is_refused()
    {
        var compressor = new ZstdSharp.Compressor();
        var later = compressor.Wrap("{\"parcelerManifest\":2}\n"u8).ToArray();

        var read = () => ReadAsync(later);

        (await read.Should().ThrowAsync<CorruptManifestException>()).WithMessage("*format*");
    }

    [Fact]
    public void A_file_costs_less_than_the_limit_of_bytes()
    {
        var bytes = ManifestFormat.Write(Some(files: 10_000)).Length;

        (bytes / 10_000.0).Should().BeLessThan(60);
    }

    private static Manifest Some(int files)
    {
        var list = Enumerable
            .Range(1, files)
            .Select(i => new SnapshotFile($"a/{i:D4} \"quoted\"+~", Digest.Of(BitConverter.GetBytes(i)), i, 1_750_000_000 + i))
            .OrderBy(f => f.Path, StringComparer.Ordinal)
            .ToList();
        var instant = SnapshotInstant.Parse("2026-09-01T00:00:10+00:00");
        return new(
            new("base", "4f1c", instant, list.Count, list.Sum(f => f.Size), 17, Manifest.TreeDigest(list), new(instant.UnixSeconds - 5), false, "sync"),
            list
        );
    }

    private static Task<Manifest> ReadAsync(byte[] content) =>
        ManifestFormat.ReadAsync("snapshots/base/x.manifest", new MemoryStream(content), Cancellation);

    private static async Task<string> ShellAsync(string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]) { RedirectStandardOutput = true })!;
        var output = await shell.StandardOutput.ReadToEndAsync(Cancellation);
        await shell.WaitForExitAsync(Cancellation);
        return output;
    }
}
