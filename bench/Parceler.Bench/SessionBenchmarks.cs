using System.Collections.Frozen;
using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Parceler.Database;
using Parceler.Delivery;
using Parceler.Entitlements;

namespace Parceler.Bench;

/// <summary>What sessions add to the decision of a download: 1,000 machines, 10,000 files, one after the other at random.</summary>
[MemoryDiagnoser]
public class SessionBenchmarks
{
    private const int Machines = 1_000;
    private const int Requests = 16_384;
    private static readonly DateTimeOffset s_now = DateTimeOffset.UnixEpoch.AddYears(60);
    private readonly MachineKey[] _machines = [.. Enumerable.Range(0, Machines).Select(number => new MachineKey(SHA256.HashData(BitConverter.GetBytes(number))))];
    private readonly (int Machine, string Path)[] _requests = new (int, string)[Requests];
    private ServedRepository _repository = null!;
    private Sessions _none = null!;
    private Sessions _onServed = null!;
    private Sessions _onEarlier = null!;

    [GlobalSetup]
    public void Build()
    {
        var earlier = new ServedTree(new SnapshotTree(ManifestBenchmarks.Make(10_000)), s_now.AddDays(-1), FrozenDictionary<string, DateTimeOffset>.Empty);
        var served = new ServedTree(new SnapshotTree(ManifestBenchmarks.Make(10_000)), s_now, FrozenDictionary<string, DateTimeOffset>.Empty);
        _repository = new("id", "netsec", served, [earlier]);
        var paths = served.Tree.Files.Select(file => file.Path).ToArray();
        var random = new Random(1);
        for (var i = 0; i < Requests; i++)
        {
            _requests[i] = (random.Next(Machines), paths[random.Next(paths.Length)]);
        }

        (_none, _onServed, _onEarlier) = (SessionsOn(null), SessionsOn(served), SessionsOn(earlier));
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Requests)]
    public int Without() => Ask(_none);

    [Benchmark(OperationsPerInvoke = Requests)]
    public int OnTheServedSnapshot() => Ask(_onServed);

    [Benchmark(OperationsPerInvoke = Requests)]
    public int OnAnEarlierSnapshot() => Ask(_onEarlier);

    private int Ask(Sessions sessions)
    {
        var found = 0;
        foreach (var (machine, path) in _requests)
        {
            found += sessions.TryFind(_repository, _machines[machine], path, s_now, out var file) && file is not null ? 1 : 0;
        }

        return found;
    }

    // No session starts and no database is asked, so there is neither a map nor a table behind it.
    private Sessions SessionsOn(ServedTree? serving)
    {
        var rule = new LeaseRule(LeaseTimes.Usual);
        var readings = new Readings(rule, new(TimeProvider.System));
        var db = new SqliteDb("never-opened.sqlite");
        var store = new LeaseStore(db, readings, rule, TimeProvider.System, NullLogger<LeaseStore>.Instance);
        foreach (var machine in serving is null ? [] : _machines)
        {
            readings.Start(new("id", machine), null, serving!, s_now.ToUnixTimeMilliseconds());
        }

        return new(null!, readings, store, new(db, readings, rule), new(db, store, TimeProvider.System), rule, TimeProvider.System, NullLogger<Sessions>.Instance);
    }
}
