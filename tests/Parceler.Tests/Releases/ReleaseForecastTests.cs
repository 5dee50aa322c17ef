using CsCheck;
using Parceler.Releases;
using Parceler.Snapshots;

namespace Parceler.Tests.Releases;

public sealed class ReleaseForecastTests
{
    private static readonly DateTimeOffset s_now = DateTimeOffset.Parse("2026-11-26T12:00:00Z", null);

    [Fact]
    public void Tells_when_each_snapshot_will_be_served()
    {
        var snapshots = new[] { Daily(-6), Daily(-5), Daily(-4) };

        var forecast = ReleaseForecast.Of(new(7, null, null), snapshots, null, s_now, DateTimeOffset.MaxValue);

        forecast.Select(serving => (serving.From, serving.Choice.Snapshot)).Should().Equal(
            (null, snapshots[0].Instant), (snapshots[0].Instant.Time.AddDays(7), snapshots[1].Instant), (snapshots[1].Instant.Time.AddDays(7), snapshots[2].Instant));
    }

    [Fact]
    public void Ends_where_it_is_told_to() =>
        ReleaseForecast.Of(new(7, null, null), [Daily(-6), Daily(-5), Daily(-4)], null, s_now, s_now.AddDays(1)).Should().HaveCount(2);

    [Fact]
    public void Tells_of_a_freeze_that_nothing_follows() =>
        ReleaseForecast.Of(new(7, Daily(-6).Instant, null), [Daily(-6), Daily(-5)], null, s_now, DateTimeOffset.MaxValue).Should().ContainSingle().Which.Choice.Reason.Should().Be(ServedReason.Frozen);

    [Fact]
    public void Tells_of_no_snapshot() => ReleaseForecast.Of(new(7, null, null), [], null, s_now, DateTimeOffset.MaxValue).Should().ContainSingle().Which.Choice.Snapshot.Should().BeNull();

    /// <summary>Whoever asks the policy step by step, as the service does, is told the same.</summary>
    [Fact]
    public void Is_what_the_policy_chooses_from_hour_to_hour() =>
        Gen.Select(Gen.Int[-300, 0].Array[1, 8], Gen.Int[0, 9], Gen.Int[0, 8])
            .Sample(
                (hours, delay, served) =>
                {
                    var snapshots = hours.Distinct().Order().Select(hour => new KnownSnapshot(SnapshotInstant.Of(s_now.AddHours(hour)), null, false)).ToArray();
                    var policy = new ReleasePolicy(delay, null, null);
                    ServedUntilNow? until = served < snapshots.Length ? new(snapshots[served].Instant, false) : null;
                    var forecast = ReleaseForecast.Of(policy, snapshots, until, s_now, DateTimeOffset.MaxValue);
                    for (var hour = 0; hour < 600; hour++)
                    {
                        var time = s_now.AddHours(hour).AddMilliseconds(1);
                        var choice = policy.Choose(snapshots, until, time);
                        until = choice.Served;
                        forecast.Last(serving => serving.From is null || serving.From < time).Choice.Snapshot.Should().Be(choice.Snapshot);
                    }
                },
                iter: 200);

    private static KnownSnapshot Daily(int days) => new(SnapshotInstant.Of(s_now.AddDays(days)), null, false);
}
