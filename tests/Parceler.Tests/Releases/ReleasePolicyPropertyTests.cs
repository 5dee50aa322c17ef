using AwesomeAssertions;
using CsCheck;
using Parceler.Releases;
using Parceler.Snapshots;
using Xunit;

namespace Parceler.Tests.Releases;

/// <summary>What holds for every repository, whatever happened to it.</summary>
public sealed class ReleasePolicyPropertyTests
{
    private const int Times = 20_000;
    private const int Days = 24 * 3_600;

    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    [Fact]
    public void It_does_not_matter_how_often_it_is_asked() =>
        Gen.Select(RandomRepository.Any, Gen.Int[1, 3 * Days].Array[1, 12]).Sample(
            (repository, steps) =>
            {
                var often = repository.Served;
                var now = repository.Now;
                foreach (var step in steps)
                {
                    often = Choose(repository, often, now).Served;
                    now = now.AddSeconds(step);
                }

                var (asked, seldom) = (Choose(repository, often, now), Choose(repository, repository.Served, now));
                (asked.Snapshot, asked.Until).Should().Be((seldom.Snapshot, seldom.Until));
            },
            iter: Times);

    [Fact]
    public void Time_alone_changes_the_choice_at_the_moment_it_names_and_not_before() =>
        Gen.Select(RandomRepository.AnyClock, Gen.Double[0, 1]).Sample(
            (repository, part) =>
            {
                var choice = Choose(repository, repository.Served, repository.Now);
                var last = choice.Until ?? repository.Now.AddDays(500);
                var between = repository.Now + ((last - repository.Now - Millisecond) * part);

                last.Should().BeOnOrAfter(repository.Now);
                Later(between < repository.Now ? repository.Now : between).Should().Be(choice.Snapshot);
                if (choice.Until is not null)
                {
                    Later(last + Millisecond).Should().NotBe(choice.Snapshot);
                }

                SnapshotInstant? Later(DateTimeOffset then) => Choose(repository, choice.Served, then).Snapshot;
            },
            iter: Times);

    [Fact]
    public void There_is_always_something_to_serve_while_there_is_a_snapshot_that_is_not_pinned() =>
        RandomRepository.AnyClock.Sample(
            repository =>
            {
                var choice = Choose(repository, repository.Served, repository.Now);

                var frozen = repository.Snapshots.Any(s => s.Instant == repository.Policy.Freeze);
                choice.Snapshot.HasValue.Should().Be(frozen || repository.Snapshots.Any(s => !s.Pinned));
                (choice.Snapshot is null).Should().Be(choice.Reason == ServedReason.NoSnapshot);
            },
            iter: Times);

    [Fact]
    public void What_is_served_exists_and_is_pinned_only_when_frozen() =>
        RandomRepository.AnyClock.Where(r => r.Snapshots.Any(s => !s.Pinned)).Sample(
            repository =>
            {
                var choice = Choose(repository, repository.Served, repository.Now);

                var served = repository.Snapshots.Single(s => s.Instant == choice.Snapshot);
                served.Pinned.Should().Be(served.Pinned && choice.Reason == ServedReason.Frozen);
                (choice.Reason == ServedReason.Frozen).Should().Be(served.Instant == repository.Policy.Freeze);
            },
            iter: Times);

    /// <summary>Daily syncs give N-1 to N days; a pause that is no gap makes what follows it younger by as much; a gap never does.</summary>
    [Fact]
    public void Nothing_but_the_first_snapshot_goes_out_younger_than_the_delay_less_the_pause_before_it() =>
        Gen.Select(
            Gen.Int[2, 9],
            Gen.OneOf(Gen.Int[20 * 3_600, Days], Gen.Int[20 * 3_600, Days], Gen.Int[20 * 3_600, Days], Gen.Int[2 * Days, 30 * Days]).Array[1, 40],
            Gen.Int[600, 2 * Days]).Sample(
            (delay, pauses, step) =>
            {
                var snapshots = Arrivals(pauses);
                foreach (var (snapshot, age) in GoesOut(new ReleasePolicy(delay, null, null), snapshots, step).Skip(1))
                {
                    var pause = TimeSpan.FromSeconds(pauses[snapshots.FindIndex(s => s.Instant == snapshot)]);
                    var atLeast = TimeSpan.FromDays(delay) - (pause > TimeSpan.FromDays(delay) ? TimeSpan.Zero : pause);
                    age.Should().BeGreaterThanOrEqualTo(atLeast, "{0} came {1} after the one before it", snapshot, pause);
                }
            },
            iter: 1_000);

    [Fact]
    public void With_the_memory_carried_along_a_clock_that_jumps_to_and_fro_always_leaves_something_to_serve() =>
        Gen.Select(RandomRepository.Any, Gen.Int[-400 * Days, 400 * Days].Array[1, 12]).Where((r, _) => r.Snapshots.Any(s => !s.Pinned)).Sample(
            (repository, jumps) =>
            {
                var served = repository.Served;
                foreach (var jump in jumps)
                {
                    served = Choose(repository, served, repository.Now.AddSeconds(jump)).Served;
                    served.Should().NotBeNull();
                }
            },
            iter: Times / 4);

    private static ServedChoice Choose(RandomRepository repository, ServedUntilNow? served, DateTimeOffset now) =>
        repository.Policy.Choose(repository.Snapshots, served, now);

    /// <summary>The choice is made again and again while snapshots arrive: each new one, with its age at that moment.</summary>
    private static IEnumerable<(SnapshotInstant Snapshot, TimeSpan Age)> GoesOut(ReleasePolicy policy, List<KnownSnapshot> snapshots, int step)
    {
        ServedUntilNow? served = null;
        var end = snapshots[^1].Instant.Time.AddDays(30);
        for (var now = snapshots[0].Instant.Time; now < end; now = now.AddSeconds(step))
        {
            var choice = policy.Choose(snapshots.FindAll(s => s.Instant.Time <= now), served, now);
            if (choice.Served != served)
            {
                yield return (choice.Snapshot!.Value, now - choice.Snapshot.Value.Time);
            }

            served = choice.Served;
        }
    }

    private static List<KnownSnapshot> Arrivals(int[] pauses)
    {
        var all = new List<KnownSnapshot>();
        var at = PolicyRow.Instant("01-01").UnixSeconds;
        foreach (var pause in pauses)
        {
            at += pause;
            all.Add(new(new(at), all.Count == 0 ? null : all[^1].Instant, false));
        }

        return all;
    }
}
