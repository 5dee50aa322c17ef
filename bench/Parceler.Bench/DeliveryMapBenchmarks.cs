using System.Collections.Frozen;
using BenchmarkDotNet.Attributes;
using Parceler.Delivery;
using Parceler.Snapshots;

namespace Parceler.Bench;

/// <summary>What the decision of a download costs: from the raw target to the file.</summary>
[MemoryDiagnoser]
public class DeliveryMapBenchmarks
{
    private const string Plain = "/repository/enterprise/netsec/packages/x86_64/base/lib5000_1.0-r1_x86_64.ipk";
    private const string Encoded = "/repository/enterprise/netsec/packages/x86_64/base/lib5000_1.0-r1%2Bgit_x86_64.ipk";
    private DeliveryMap _map = DeliveryMap.Empty;

    [Params(10_000, 100_000)]
    public int Files { get; set; }

    [GlobalSetup]
    public void Build() =>
        _map = new([new("", "netsec", new(new SnapshotTree(ManifestBenchmarks.Make(Files)), default, FrozenDictionary<string, DateTimeOffset>.Empty), [])]);

    [Benchmark(Baseline = true)]
    public bool Found() => Find(Plain);

    [Benchmark]
    public bool PercentEncoded() => Find(Encoded);

    private bool Find(string target)
    {
        var path = RequestPath.Parse(target);
        return _map.TryFind(path.Repository, out var repository) && repository.Find(path.Path) is not null;
    }
}
