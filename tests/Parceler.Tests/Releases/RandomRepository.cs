using CsCheck;
using Parceler.Releases;
using Parceler.Snapshots;

namespace Parceler.Tests.Releases;

/// <summary>Repositories as they may come to be: pauses short and long, deletions, pinned ones, marks and freezes.</summary>
internal sealed record RandomRepository(
    ReleasePolicy Policy, IReadOnlyList<KnownSnapshot> Snapshots, ServedUntilNow? Served, DateTimeOffset Now)
{
    private const int Hour = 3_600;

    private static readonly long Start = PolicyRow.Instant("01-01").UnixSeconds;

    /// <summary>Seconds from one snapshot to the next: of the same hour, of the day, exactly some days, or an outage.</summary>
    private static readonly Gen<int> Pause = Gen.OneOf(
        Gen.Int[1, Hour], Gen.Int[20 * Hour, 28 * Hour], Gen.Int[1, 9].Select(days => days * 24 * Hour), Gen.Int[Hour, 40 * 24 * Hour]);

    private static readonly Gen<(int Pause, bool Deleted, bool Pinned)[]> History =
        Gen.Select(Pause, Gen.Int[0, 3], Gen.Int[0, 7], (pause, deleted, pinned) => (pause, deleted == 0, pinned == 0)).Array[0, 14];

    /// <summary>Asked at any time after the last snapshot.</summary>
    public static readonly Gen<RandomRepository> Any = Make(Gen.Int[0, 20 * 24 * Hour]);

    /// <summary>Asked at any time at all, as when a clock has stepped.</summary>
    public static readonly Gen<RandomRepository> AnyClock = Make(Gen.Int[-400 * 24 * Hour, 400 * 24 * Hour]);

    public override string ToString() =>
        $"{Policy} [{string.Join(", ", Snapshots)}] served {Served} now {Now:O}";

    private static Gen<RandomRepository> Make(Gen<int> age) => Gen.Select(
        History, Gen.Int[0, 9], Gen.Int[0, 40], Gen.Int[0, 40], Gen.Int[0, 20], Gen.Bool, age, Gen.Int[0, 999], Build);

    private static RandomRepository Build(
        (int Pause, bool Deleted, bool Pinned)[] history, int delay, int freeze, int mark, int served, bool wasFrozen, int age, int milliseconds)
    {
        var all = new List<KnownSnapshot>();
        SnapshotInstant? previous = null;
        var at = Start;
        foreach (var (pause, _, pinned) in history)
        {
            at += pause;
            all.Add(new(new(at), previous, pinned));
            previous = pinned ? previous : new(at);
        }

        SnapshotInstant? Pick(int index) => index < all.Count ? all[index].Instant : null;
        return new(
            new(delay, Pick(freeze), Pick(mark)),
            [.. all.Where((_, i) => !history[i].Deleted)],
            Pick(served) is { } snapshot ? new(snapshot, wasFrozen) : null,
            DateTimeOffset.FromUnixTimeMilliseconds(((at + age) * 1_000) + milliseconds));
    }
}
