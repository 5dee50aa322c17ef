using BenchmarkDotNet.Attributes;
using Parceler.Delivery;
using Parceler.Snapshots;
using Parceler.Storage;

namespace Parceler.Bench;

/// <summary>What a manifest costs: to write at a snapshot, to read at a switch, to turn into a tree in memory.</summary>
[MemoryDiagnoser]
public class ManifestBenchmarks
{
    private byte[] _written = [];
    private Manifest? _manifest;

    [Params(10_000, 100_000)]
    public int Files { get; set; }

    [GlobalSetup]
    public void Build()
    {
        _manifest = Make(Files);
        _written = ManifestFormat.Write(_manifest);
    }

    [Benchmark]
    public int Write() => ManifestFormat.Write(_manifest!).Length;

    [Benchmark]
    public async Task<long> ReadAsync() => (await ManifestFormat.ReadAsync("benchmark", new MemoryStream(_written), CancellationToken.None)).Header.Files;

    [Benchmark]
    public int Tree() => new SnapshotTree(_manifest!).Count;

    internal static Manifest Make(int count)
    {
        var files = Enumerable
            .Range(0, count)
            .Select(i => new SnapshotFile($"packages/x86_64/base/lib{i}_1.0-r1_x86_64.ipk", Digest.Of(BitConverter.GetBytes(i)), 12_000 + i, 1_750_000_000 + i))
            .OrderBy(f => f.Path, StringComparer.Ordinal)
            .ToList();
        var header = new ManifestHeader("netsec", "id", new(1_800_000_000), count, files.Sum(f => f.Size), 0, Manifest.TreeDigest(files), null, false, "sync");
        return new(header, files);
    }
}
