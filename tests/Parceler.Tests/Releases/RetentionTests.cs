using AwesomeAssertions;
using CsCheck;
using Parceler.Releases;
using Parceler.Snapshots;
using Xunit;

namespace Parceler.Tests.Releases;

/// <summary>Which snapshots go, as a table (last cell: those dropped; notation in <see cref="PolicyRow"/>) and for every repository.</summary>
public sealed class RetentionTests
{
    private const string Table =
        """
        nothing                                        | 7               | -                             | -      | 11-10         | -
        the only one stays                             | 7               | 11-01                         | 11-01  | 12-10         | -
        older than the delay                           | 7               | 11-01..11-10                  | 11-03  | 11-10         | 11-01 11-02
        exactly as old as the delay                    | 7               | 11-01..11-08                  | 11-02  | 11-08         | -
        a second older                                 | 7               | 11-01..11-08                  | 11-02  | 11-08T00:00:01 | 11-01
        served, though the rule has moved on           | 7               | 11-01..11-10                  | 11-02  | 11-10         | 11-01
        about to be served, though it is not yet       | 7               | 11-01 11-11 11-21             | 11-01  | 11-19         | -
        no delay: the newest and the served            | 0               | 11-01..11-05                  | 11-03  | 11-05T00:00:05 | 11-01 11-02 11-04
        outage: the newest                             | 7               | 11-01..11-05                  | 11-05  | 11-25         | 11-01..11-04
        outage, nothing served before                  | 7               | 11-01..11-05                  | -      | 11-25         | 11-01..11-04
        wait after a gap: the served and all new ones  | 7               | 11-04 11-05 11-25..11-30      | 11-05  | 12-02         | 11-04
        wait over                                      | 7               | 11-05 11-25..12-03            | 11-26  | 12-03         | 11-05 11-25
        released: what the mark excludes, young or not | 7 mark 11-10    | 11-01..11-11                  | 11-10  | 11-11         | 11-01..11-09
        released, the served one not yet switched      | 7 mark 11-10    | 11-01..11-10                  | 11-03  | 11-10         | 11-01 11-02 11-04..11-09
        mark's snapshot gone: all count again          | 7 mark 11-10    | 11-01..11-09                  | -      | 11-10         | 11-01 11-02
        frozen                                         | 7 freeze 11-02  | 11-01..11-20                  | 11-02* | 11-20         | 11-01 11-03..11-12
        frozen since a moment                          | 7 freeze 11-14  | 11-12..11-20                  | 11-13  | 11-20         | 11-12
        frozen below the mark                          | 7 freeze 11-02 mark 11-10 | 11-01..11-20        | 11-02* | 11-20         | 11-01 11-03..11-12
        frozen in a wait: what an unfreeze would serve | 7 freeze 11-02  | 11-02 11-03 11-04 11-20       | 11-02* | 11-22         | 11-03
        frozen in a wait, and nothing known of before  | 7 freeze 11-02  | 11-02 11-03 11-04 11-20       | -      | 11-22         | 11-03
        frozen one gone                                | 7 freeze 11-02  | 11-01 11-03..11-20            | 11-13  | 11-20         | 11-01 11-03..11-12
        pinned and frozen                              | 7 freeze 11-02  | [11-02] 11-15..11-20          | 11-02* | 11-20         | -
        pinned, its freeze over                        | 7               | [11-02] [11-14] 11-15..11-20  | 11-15  | 11-20         | 11-02
        pinned, not frozen yet, no delay               | 0               | 11-14 [11-19T18:00:00] 11-20  | 11-20  | 11-20T06:00:00 | 11-14
        pinned, not frozen yet, a release meanwhile    | 7 mark 11-20    | 11-14 [11-19T18:00:00] 11-20  | 11-20  | 11-20T06:00:00 | 11-14
        pinned ones only                               | 7               | [11-02] [11-03]               | 11-02* | 12-20         | -
        clock a year back                              | 7               | 11-01..11-10                  | 11-03  | 2025-11-10    | -
        """;

    private const int Day = 24 * 3_600;

    private static readonly TimeSpan Grace = TimeSpan.FromHours(72);
    private static readonly HashSet<SnapshotInstant> NoLease = [];

    public static IEnumerable<TheoryDataRow<string>> Cases =>
        PolicyRow.Rows(Table).Select(row => new TheoryDataRow<string>(row) { TestDisplayName = PolicyRow.Parse(row).Name });

    [Theory]
    [MemberData(nameof(Cases))]
    public void Drops(string row)
    {
        var situation = PolicyRow.Parse(row);

        var dropped = new Retention(situation.Policy, Grace).ToDrop(situation.Snapshots, situation.Served, NoLease, [], situation.Now);

        dropped.Select(d => d.Instant).Should().Equal(PolicyRow.SnapshotsOf(situation.Choice).Select(s => s.Instant));
    }

    [Fact]
    public void Spares_what_a_machine_is_in_the_middle_of()
    {
        HashSet<SnapshotInstant> leased = [PolicyRow.Instant("11-01")];

        DroppedOfTen(leased, []).Should().Equal(PolicyRow.Instant("11-02"));
    }

    [Theory]
    [InlineData("11-07T00:00:01", false)]
    [InlineData("11-07T00:00:00", true)]
    [InlineData("12-24T00:00:00", false)]
    public void Spares_what_stopped_being_served_less_than_the_grace_ago(string stoppedAt, bool dropped)
    {
        var first = PolicyRow.Instant("11-01");
        Serving[] servings = [new(first, PolicyRow.Time("11-02")), new(first, PolicyRow.Time(stoppedAt))];

        DroppedOfTen(NoLease, servings).Contains(first).Should().Be(dropped);
    }

    [Fact]
    public void Spares_what_the_history_knows_as_served()
    {
        var first = PolicyRow.Instant("11-01");

        DroppedOfTen(NoLease, [new(first, null)]).Should().NotContain(first);
    }

    [Theory]
    [InlineData("7 | 11-01..11-10 | 11-03 | 11-10", "older than the delay")]
    [InlineData("7 mark 11-05 | 11-04..11-06 | 11-05 | 11-06", "older than the release")]
    [InlineData("7 | [11-01] 11-10 | 11-10 | 11-10", "its freeze is over")]
    public void Says_why(string situation, string reason)
    {
        var row = PolicyRow.Parse($"| {situation} |");

        var dropped = new Retention(row.Policy, Grace).ToDrop(row.Snapshots, row.Served, NoLease, [], row.Now);

        dropped.Should().NotBeEmpty().And.AllSatisfy(d => d.Reason.Should().Be(reason));
    }

    /// <summary>Pruned and unpruned, now and later, with new syncs and without, frozen or unfrozen: machines see no difference.</summary>
    [Fact]
    public void Never_changes_what_is_served_now_or_later() =>
        Gen.Select(RandomRepository.Any, Gen.Int[1, 20 * Day].Array[0, 4], Gen.Int[0, 40 * Day], Gen.Bool, Gen.Bool.Array[14]).Sample(
            (repository, pauses, later, unfreeze, spared) =>
            {
                var leased = repository.Snapshots.Where((_, i) => spared[i]).Select(s => s.Instant).ToHashSet();
                var arrivals = Arrivals(repository, pauses);
                var policy = unfreeze ? repository.Policy with { Freeze = null } : repository.Policy;
                var then = (arrivals.Count > 0 ? arrivals[^1].Instant.Time.AddSeconds(1) : repository.Now).AddSeconds(later);

                var served = repository.Policy.Choose(repository.Snapshots, repository.Served, repository.Now).Served;

                var pruned = policy.Choose([.. Keep(repository, leased), .. arrivals], served, then);

                pruned.Should().Be(policy.Choose([.. repository.Snapshots, .. arrivals], served, then));
            },
            iter: 20_000);

    [Fact]
    public void Never_drops_the_newest_nor_the_frozen_one_whatever_the_clock_says() =>
        RandomRepository.AnyClock.Where(r => r.Snapshots.Any(s => !s.Pinned)).Sample(
            repository =>
            {
                var dropped = repository.Snapshots.Except(Keep(repository, NoLease));

                dropped.Should().NotContain(repository.Snapshots.Last(s => !s.Pinned));
                dropped.Should().NotContain(s => s.Instant == repository.Policy.Freeze);
            },
            iter: 5_000);

    [Fact]
    public void Pruning_twice_drops_nothing_more() =>
        RandomRepository.Any.Sample(
            repository =>
            {
                var kept = Keep(repository, NoLease);

                Keep(repository with { Snapshots = kept }, NoLease).Should().Equal(kept);
            },
            iter: 5_000);

    private static List<KnownSnapshot> Keep(RandomRepository repository, HashSet<SnapshotInstant> leased)
    {
        var dropped = new Retention(repository.Policy, Grace)
            .ToDrop(repository.Snapshots, repository.Served, leased, [], repository.Now)
            .Select(d => d.Instant)
            .ToHashSet();
        return [.. repository.Snapshots.Where(s => !dropped.Contains(s.Instant))];
    }

    private static List<KnownSnapshot> Arrivals(RandomRepository repository, int[] pauses)
    {
        var arrivals = new List<KnownSnapshot>();
        var at = SnapshotInstant.Of(repository.Now);
        SnapshotInstant? previous = repository.Snapshots.Where(s => !s.Pinned).Select(s => (SnapshotInstant?)s.Instant).LastOrDefault();
        foreach (var pause in pauses)
        {
            at = new(at.UnixSeconds + pause);
            arrivals.Add(new(at, previous, false));
            previous = at;
        }

        return arrivals;
    }

    /// <summary>Ten daily snapshots and a delay of 7 days: the first two would go.</summary>
    private static IEnumerable<SnapshotInstant> DroppedOfTen(IReadOnlySet<SnapshotInstant> leased, IReadOnlyList<Serving> servings)
    {
        var retention = new Retention(new(7, null, null), Grace);
        var served = new ServedUntilNow(PolicyRow.Instant("11-03"), false);
        return retention.ToDrop(PolicyRow.SnapshotsOf("11-01..11-10"), served, leased, servings, PolicyRow.Time("11-10")).Select(d => d.Instant);
    }
}
