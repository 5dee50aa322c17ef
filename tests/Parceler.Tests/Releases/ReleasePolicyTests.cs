using AwesomeAssertions;
using Parceler.Releases;
using Parceler.Snapshots;
using Xunit;

namespace Parceler.Tests.Releases;

/// <summary>The rule as a table: each line is a situation and what machines get in it. See <see cref="PolicyRow"/> for the notation.</summary>
public sealed class ReleasePolicyTests
{
    private const string Table =
        """
        nothing at all                                      | 7              | -                          | -      | 11-01               | - NoSnapshot until -
        first snapshot is served at once                    | 7              | 11-01                      | -      | 11-01T00:00:05      | 11-01 OldestInWindow until -
        first snapshot stays while it is young              | 7              | 11-01..11-05               | 11-01  | 11-05               | 11-01 OldestInWindow until 11-08
        daily syncs, day 7: exactly as old as the delay     | 7              | 11-01..11-08               | 11-01  | 11-08               | 11-01 OldestInWindow until 11-08
        daily syncs, day 7: a tick later                    | 7              | 11-01..11-08               | 11-01  | 11-08T00:00:00.0000001 | 11-02 OldestInWindow until 11-09
        daily syncs, day 7: a second earlier                | 7              | 11-01..11-07               | 11-01  | 11-07T23:59:59      | 11-01 OldestInWindow until 11-08
        daily syncs, day 7: a second later                  | 7              | 11-01..11-08               | 11-01  | 11-08T00:00:01      | 11-02 OldestInWindow until 11-09
        daily syncs, day 9                                  | 7              | 11-01..11-10               | 11-02  | 11-10T12:00:00      | 11-04 OldestInWindow until 11-11
        daily syncs, no memory of what was served           | 7              | 11-01..11-10               | -      | 11-10T12:00:00      | 11-04 OldestInWindow until 11-11
        several syncs a day                                 | 1              | 11-01T06:00:00 11-01T12:00:00 11-01T18:00:00 11-02T06:00:00 | 11-01T06:00:00 | 11-02T06:00:01 | 11-01T12:00:00 OldestInWindow until 11-02T12:00:00

        no delay: the newest                                | 0              | 11-01..11-05               | 11-04  | 11-05T00:00:05      | 11-05 Newest until -
        no delay, no sync for a month                       | 0              | 11-01..11-05               | 11-05  | 12-05               | 11-05 Newest until -
        delay of a year                                     | 365            | 2025-10-01 2025-12-02 11-30 | 2025-10-01 | 12-01           | 2025-12-02 OldestInWindow until 12-02
        delay of ten thousand years                         | 3650000        | 11-01..11-05               | -      | 11-05               | 11-01 OldestInWindow until -
        delay raised from 0: what is left that is young     | 7              | 11-01..11-10               | 11-10  | 11-10               | 11-03 OldestInWindow until 11-10
        delay lowered                                       | 2              | 11-01..11-10               | 11-03  | 11-10T00:00:05      | 11-09 OldestInWindow until 11-11
        delay lowered to none                               | 0              | 11-01..11-10               | 11-03  | 11-10T00:00:05      | 11-10 Newest until -

        outage, window not empty yet                        | 7              | 11-01..11-05               | 11-04  | 11-12               | 11-05 OldestInWindow until -
        outage of 20 days: kept                             | 7              | 11-01..11-05               | 11-05  | 11-25               | 11-05 Kept until -
        outage, its last days were not looked at            | 7              | 11-01..11-05               | 11-02  | 11-25               | 11-05 Kept until -
        outage, nothing served before                       | 7              | 11-01..11-05               | -      | 11-25               | 11-05 NewestOfOld until -
        back after a gap: not unaged                        | 7              | 11-01..11-05 11-25         | 11-05  | 11-25T00:00:05      | 11-05 WaitsAfterGap until 12-02
        back after a gap: a second before its turn          | 7              | 11-01..11-05 11-25..12-01  | 11-05  | 12-01T23:59:59      | 11-05 WaitsAfterGap until 12-02
        back after a gap: the first new one is N days old   | 7              | 11-01..11-05 11-25..12-02  | 11-05  | 12-02               | 11-25 OldestInWindow until 12-02
        back after a gap: and as every day from there       | 7              | 11-01..11-05 11-25..12-02  | 11-25  | 12-02T00:00:01      | 11-26 OldestInWindow until 12-03
        back after a gap: without looking in between        | 7              | 11-01..11-05 11-25..12-02  | 11-05  | 12-02T00:00:01      | 11-26 OldestInWindow until 12-03
        back after a gap, asked with an old memory          | 7              | 11-01..11-05 11-25         | 11-01  | 11-26               | 11-05 WaitsAfterGap until 12-02
        back after a gap, one sync only, aged               | 7              | 11-01..11-05 11-25         | 11-05  | 12-10               | 11-25 Kept until -
        pause of exactly N days is no gap                   | 7              | 11-05 11-12                | 11-05  | 11-12T00:00:01      | 11-12 OldestInWindow until -
        pause of N days and a second is one                 | 7              | 11-05 11-12T00:00:01       | 11-05  | 11-12T00:00:02      | 11-05 WaitsAfterGap until 11-19T00:00:01
        two gaps in a row: waiting for the first            | 7              | 11-01 11-11 11-21          | 11-01  | 11-17T23:59:59      | 11-01 WaitsAfterGap until 11-18
        two gaps in a row: waiting for the second           | 7              | 11-01 11-11 11-21          | 11-01  | 11-21               | 11-11 WaitsAfterGap until 11-28
        two gaps in a row: both over                        | 7              | 11-01 11-11 11-21          | 11-11  | 11-28               | 11-21 OldestInWindow until -

        served one deleted                                  | 7              | (11-01) 11-02..11-05       | 11-01  | 11-05               | 11-02 OldestInWindow until 11-09
        the next one deleted                                | 7              | 11-01 (11-02) 11-03..11-08 | 11-01  | 11-08T00:00:01      | 11-03 OldestInWindow until 11-10
        served one deleted, an older one exists            | 1              | 11-01 (11-02) 11-03        | 11-02  | 11-03               | 11-03 OldestInWindow until -
        served one deleted in the wait                      | 7              | (11-05) 11-25..11-27       | 11-05  | 11-27               | 11-25 OldestInWindow until 12-02
        served one deleted in the wait, older ones exist    | 7              | 11-01..11-04 (11-05) 11-25 | 11-05  | 11-27               | 11-25 OldestInWindow until -
        served one deleted in an outage                     | 7              | 11-01..11-04 (11-05)       | 11-05  | 11-25               | 11-04 NewestOfOld until -
        first new one deleted in the wait                   | 7              | 11-05 (11-25) 11-26..11-28 | 11-05  | 11-28               | 11-05 WaitsAfterGap until 12-03
        first new one deleted in the wait, the next is aged | 7              | 11-05 (11-25) 11-26..12-03 | 11-05  | 12-03               | 11-26 OldestInWindow until 12-03
        gap of which the store knows nothing                | 7              | 11-05 [11-06] 11-25        | 11-05  | 11-26               | 11-05 WaitsAfterGap until 12-02

        release: the mark excludes older ones               | 7 mark 11-10   | 11-01..11-10               | 11-03  | 11-10T00:00:05      | 11-10 OldestInWindow until -
        release, a day later                                | 7 mark 11-10   | 11-01..11-11               | 11-10  | 11-11T00:00:05      | 11-10 OldestInWindow until 11-17
        release in the wait                                 | 7 mark 11-26   | 11-05 11-25 11-26          | 11-05  | 11-26T00:00:05      | 11-26 OldestInWindow until -
        mark's snapshot deleted: the next after it          | 7 mark 11-10   | 11-01..11-09 (11-10) 11-11 | 11-10  | 11-12               | 11-11 OldestInWindow until -
        mark's snapshot deleted, none after it: all count   | 7 mark 11-10   | 11-01..11-09 (11-10)       | 11-10  | 11-10T06:00:00      | 11-04 OldestInWindow until 11-11
        release then outage                                 | 7 mark 11-10   | 11-09 11-10                | 11-10  | 12-10               | 11-10 Kept until -

        freeze                                              | 7 freeze 11-02 | 11-01..11-20               | 11-13  | 11-20               | 11-02 Frozen until -
        freeze to the newest                                | 7 freeze 11-20 | 11-01..11-20               | 11-13  | 11-20               | 11-20 Frozen until -
        freeze to a pinned one                              | 7 freeze 11-19 | 11-01..11-18 [11-19] 11-20 | 11-13  | 11-20               | 11-19 Frozen until -
        freeze below the mark                               | 7 freeze 11-02 mark 11-10 | 11-01..11-20    | 11-13  | 11-20               | 11-02 Frozen until -
        frozen one is gone                                  | 7 freeze 11-02 | 11-01 (11-02) 11-03..11-20 | 11-02* | 11-20T00:00:05      | 11-14 OldestInWindow until 11-21 !
        frozen one is gone, and all else                    | 7 freeze 11-02 | (11-02)                    | 11-02* | 11-20               | - NoSnapshot until - !
        unfreeze soon                                       | 7              | 11-01..11-10               | 11-05* | 11-10T00:00:05      | 11-04 OldestInWindow until 11-11
        unfreeze after a long freeze                        | 7              | 11-02 (11-03..11-22) 11-23..11-30 | 11-02* | 11-30T00:00:05 | 11-24 OldestInWindow until 12-01
        unfreeze after a long freeze, all still there       | 7              | 11-02..11-30               | 11-02* | 11-30T00:00:05      | 11-24 OldestInWindow until 12-01
        unfreeze after a long freeze, one leased in between | 7              | 11-02 (11-03..11-10) 11-11 (11-12..11-22) 11-23..11-30 | 11-02* | 11-30T00:00:05 | 11-24 OldestInWindow until 12-01
        unfreeze, the faulty ones deleted meanwhile         | 7              | 11-02 (11-03..11-29) 11-30 | 11-02* | 11-30T00:00:05      | 11-30 OldestInWindow until -
        unfreeze in the wait after a gap                    | 7              | 11-02 (11-03) 11-25..11-27 | 11-02* | 11-27               | 11-02 WaitsAfterGap until 12-02
        unfreeze in an outage                               | 7              | 11-02..11-10               | 11-02* | 11-30               | 11-10 Kept until -
        unfreeze from a pinned one                          | 7              | 11-01..11-10 [11-11] 11-12 | 11-11* | 11-12               | 11-05 OldestInWindow until 11-12
        pinned is never a candidate                         | 7              | [11-01] 11-02 [11-03]      | -      | 11-04               | 11-02 OldestInWindow until -
        pinned is never a candidate, not the only one       | 7              | [11-01]                    | 11-01* | 11-04               | - NoSnapshot until -
        pinned is never a candidate, not the newest         | 0              | 11-02 [11-03]              | -      | 11-04               | 11-02 Newest until -
        pinned does not hide a gap                          | 7              | 11-01 [11-09] 11-11        | 11-01  | 11-12               | 11-01 WaitsAfterGap until 11-18

        clock steps back a year                             | 7              | 11-01..11-10               | 11-03  | 2025-11-10          | 11-01 OldestInWindow until 11-08
        clock steps back a year, nothing served             | 7              | 11-01..11-10               | -      | 2025-11-10          | 11-01 OldestInWindow until 11-08
        clock steps forward a year                          | 7              | 11-01..11-10               | 11-03  | 2027-11-10          | 11-10 Kept until -
        clock was a year ahead, and is right again          | 7              | 11-01..11-10 11-11         | 11-10  | 11-11               | 11-04 OldestInWindow until 11-11
        autumn night in Rome: 7 days are 168 hours          | 7              | 2026-10-20T00:00:00+02:00 2026-10-21T00:00:00+02:00 | - | 2026-10-26T23:00:00+01:00 | 10-19T22:00:00 OldestInWindow until 10-26T22:00:00
        autumn night in Rome: an hour before midnight is late | 7            | 2026-10-20T00:00:00+02:00 2026-10-21T00:00:00+02:00 | - | 2026-10-26T23:00:01+01:00 | 10-20T22:00:00 OldestInWindow until -
        spring night in Rome: still there after midnight    | 7              | 2026-03-25T00:00:00+01:00 2026-03-26T00:00:00+01:00 | - | 2026-04-01T01:00:00+02:00 | 03-24T23:00:00 OldestInWindow until 03-31T23:00:00
        spring night in Rome: until one o'clock             | 7              | 2026-03-25T00:00:00+01:00 2026-03-26T00:00:00+01:00 | - | 2026-04-01T01:00:01+02:00 | 03-25T23:00:00 OldestInWindow until -
        a thousand snapshots                                | 7              | 2024-02-05..2026-11-01     | -      | 11-01T00:00:05      | 10-26 OldestInWindow until 11-02
        a thousand snapshots, asked with an old memory      | 7              | 2024-02-05..2026-11-01     | 2024-02-05 | 11-01T00:00:05  | 10-26 OldestInWindow until 11-02
        """;

    public static IEnumerable<TheoryDataRow<string>> Cases =>
        PolicyRow.Rows(Table).Select(row => new TheoryDataRow<string>(row) { TestDisplayName = PolicyRow.Parse(row).Name });

    [Theory]
    [MemberData(nameof(Cases))]
    public void Chooses(string row)
    {
        var situation = PolicyRow.Parse(row);

        var choice = situation.Policy.Choose(situation.Snapshots, situation.Served, situation.Now);

        PolicyRow.Describe(choice).Should().Be(situation.Choice);
    }

    [Theory]
    [InlineData("7 | 11-01..11-10 | - | 11-10", "oldest within 7 days")]
    [InlineData("1 | 11-01..11-10 | - | 11-10", "oldest within 1 day")]
    [InlineData("0 | 11-01 | - | 11-10", "newest: no delay")]
    [InlineData("7 | 11-01 | 11-01 | 11-10", "kept: no sync within 7 days")]
    [InlineData("7 | 11-01 | - | 11-10", "newest there is: none within 7 days")]
    [InlineData("7 | 11-01 11-10 | 11-01 | 11-10", "kept until the first sync after a gap is 7 days old")]
    [InlineData("7 freeze 11-01 | 11-01 | - | 11-10", "frozen")]
    [InlineData("7 | - | - | 11-10", "no snapshot")]
    public void Says_why(string situation, string reason)
    {
        var row = PolicyRow.Parse($"| {situation} |");

        row.Policy.Choose(row.Snapshots, row.Served, row.Now).Text.Should().Be(reason);
    }

    [Fact]
    public void Names_the_frozen_snapshot_that_is_gone()
    {
        var policy = new ReleasePolicy(7, PolicyRow.Instant("11-02"), null);

        var choice = policy.Choose(PolicyRow.SnapshotsOf("11-01"), null, PolicyRow.Time("11-03"));

        choice.Warning.Should().Contain("2026-11-02T00:00:00+00:00").And.Contain("gone");
    }

    [Fact]
    public void Counts_the_snapshot_before_it_when_a_snapshot_does_not_know_what_it_followed()
    {
        KnownSnapshot[] recovered = [new(PolicyRow.Instant("11-01"), null, false), new(PolicyRow.Instant("11-02"), null, false)];
        var served = new ServedUntilNow(recovered[0].Instant, false);

        var choice = new ReleasePolicy(7, null, null).Choose(recovered, served, PolicyRow.Time("11-08T00:00:01"));

        choice.Snapshot.Should().Be(recovered[1].Instant, "a day between them is no gap");
    }

    [Fact]
    public void Counts_the_served_snapshot_when_the_next_one_was_made_without_knowing_it()
    {
        KnownSnapshot next = new(PolicyRow.Instant("11-02"), PolicyRow.Instant("10-01"), false);
        KnownSnapshot[] broughtBack = [new(PolicyRow.Instant("11-01"), null, false), next];
        var served = new ServedUntilNow(broughtBack[0].Instant, false);

        var choice = new ReleasePolicy(7, null, null).Choose(broughtBack, served, PolicyRow.Time("11-08T00:00:01"));

        choice.Snapshot.Should().Be(next.Instant, "a day between them is no gap");
    }

    [Theory]
    [InlineData("7 freeze 11-01", true)]
    [InlineData("7", false)]
    public void Hands_on_whether_it_was_a_freeze(string policy, bool frozen)
    {
        var row = PolicyRow.Parse($"| {policy} | 11-01 | - | 11-02 |");

        row.Policy.Choose(row.Snapshots, null, row.Now).Served.Should().Be(new ServedUntilNow(PolicyRow.Instant("11-01"), frozen));
    }
}
