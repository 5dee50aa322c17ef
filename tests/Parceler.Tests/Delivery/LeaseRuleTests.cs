using CsCheck;
using Parceler.Delivery;

namespace Parceler.Tests.Delivery;

/// <summary>The rule of sessions as a table: minutes since the session started and since it was last renewed, and what follows.</summary>
public sealed class LeaseRuleTests
{
    private const long Now = 1_800_000_000_000;
    private const long Minute = 60_000;
    private static readonly LeaseRule s_rule = new(LeaseTimes.Usual);

    [Theory]
    [InlineData("HeadIndex", null, null, "StartSession")]
    [InlineData("Index", null, null, "StartSession")]
    [InlineData("HashedIndex", null, null, "StartSession")]
    [InlineData("Package", null, null, "UseServed")]
    [InlineData("LatestRelease", null, null, "UseServed")]
    // quiet for less than 60 minutes
    [InlineData("HeadIndex", 59.9, 59.9, "FollowSession")]
    [InlineData("Index", 59.9, 59.9, "FollowSession")]
    [InlineData("HashedIndex", 59.9, 59.9, "FollowSession")]
    [InlineData("Package", 59.9, 59.9, "FollowSession")]
    [InlineData("LatestRelease", 59.9, 59.9, "PeekIntoSession")]
    // quiet for 60
    [InlineData("HeadIndex", 60.0, 60.0, "StartSession")]
    [InlineData("Index", 60.0, 60.0, "StartSession")]
    [InlineData("HashedIndex", 60.0, 60.0, "FollowLastReading")]
    [InlineData("Package", 60.0, 60.0, "FollowLastReading")]
    [InlineData("LatestRelease", 60.0, 60.0, "UseServed")]
    // older than 6 h: the next head index after 5 quiet minutes
    [InlineData("HeadIndex", 359.9, 59.0, "FollowSession")]
    [InlineData("HeadIndex", 360.0, 4.9, "FollowSession")]
    [InlineData("HeadIndex", 360.0, 5.0, "StartSession")]
    [InlineData("Index", 360.0, 5.0, "FollowSession")]
    [InlineData("HashedIndex", 360.0, 59.0, "FollowSession")]
    [InlineData("Package", 360.0, 59.0, "FollowSession")]
    // 8 h in any case
    [InlineData("Index", 479.9, 0.1, "FollowSession")]
    [InlineData("Index", 480.0, 0.1, "StartSession")]
    [InlineData("Package", 480.0, 0.1, "FollowLastReading")]
    // what is left of a session for 72 h
    [InlineData("Package", 4320.0, 4319.9, "FollowLastReading")]
    [InlineData("HashedIndex", 4320.0, 4319.9, "FollowLastReading")]
    [InlineData("Package", 4320.0, 4320.0, "UseServed")]
    [InlineData("HashedIndex", 4320.0, 4320.0, "StartSession")]
    // the clock was set back: a little is nothing, more than an hour ends the session
    [InlineData("Index", -60.0, -60.0, "FollowSession")]
    [InlineData("Index", -60.1, -60.1, "StartSession")]
    public void A_session_goes_on_or_ends(string kind, double? started, double? renewed, string step)
    {
        LeaseSpan? lease = started is null ? null : new(Now - (long)(started * Minute), Now - (long)(renewed! * Minute));

        s_rule.Decide(Enum.Parse<PathKind>(kind), lease, readHasIt: true, servedHasIt: true, Now).Should().Be(Enum.Parse<LeaseStep>(step));
    }

    [Theory]
    [InlineData("HeadIndex", false, "UseServed")]
    [InlineData("Index", false, "UseServed")]
    [InlineData("HashedIndex", false, "UseServed")]
    [InlineData("HashedIndex", true, "StartSession")]
    public void An_index_that_is_not_there_starts_no_session(string kind, bool servedHasIt, string step) =>
        s_rule.Decide(Enum.Parse<PathKind>(kind), new LeaseSpan(Now - (70 * Minute), Now - (61 * Minute)), readHasIt: false, servedHasIt, Now).Should().Be(Enum.Parse<LeaseStep>(step));

    [Fact]
    public void Only_an_index_of_the_served_snapshot_starts_a_session_and_only_where_none_is_live() =>
        (from kind in Gen.Enum<PathKind>()
         from started in Gen.Long[-5_000, 5_000]
         from renewed in Gen.Long[-5_000, 5_000]
         from known in Gen.Bool
         from readHasIt in Gen.Bool
         from servedHasIt in Gen.Bool
         select (kind, lease: known ? new LeaseSpan(Now - (started * Minute), Now - (renewed * Minute)) : (LeaseSpan?)null, readHasIt, servedHasIt))
        .Sample(c =>
        {
            var step = s_rule.Decide(c.kind, c.lease, c.readHasIt, c.servedHasIt, Now);
            var isLive = c.lease is { } lease && s_rule.IsLive(lease, c.kind, Now);
            var isIndex = c.kind is PathKind.HeadIndex or PathKind.Index or PathKind.HashedIndex;
            return (step is LeaseStep.FollowSession or LeaseStep.PeekIntoSession) == isLive
                && (step != LeaseStep.StartSession || (isIndex && c.servedHasIt))
                && (step != LeaseStep.FollowLastReading || c.lease is not null);
        });

    [Fact]
    public void Two_processes_agree_on_a_lease_in_whatever_order_they_tell_it() =>
        Gen.Select(s_leases, s_leases).Sample((a, b) =>
            Lease.Merge(a, b, s_rule, Now) == Lease.Merge(b, a, s_rule, Now));

    [Fact]
    public void Of_two_servings_the_later_one_counts_whatever_the_clocks_said()
    {
        var before = new Lease(default, 1, new(Now + (30 * Minute), Now + (40 * Minute)));
        var after = new Lease(default, 2, new(Now, Now));

        Lease.Merge(before, after, s_rule, Now).Should().Be(after);
    }

    [Fact]
    public void A_session_that_was_written_before_the_clock_was_set_back_counts_as_renewed_now()
    {
        var written = new Lease(default, 1, new(Now - (2 * Minute), Now + (50 * Minute)));
        var known = new Lease(default, 1, new(Now - (2 * Minute), Now));

        Lease.Merge(known, written, s_rule, Now).Should().Be(known, "the next time that the clock is set back does not end it");
    }

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(300, 49.9, true)]
    [InlineData(300, 50, false)]
    [InlineData(349.9, 1, true)]
    [InlineData(350, 1, false)]
    [InlineData(-49.9, -49.9, true)]
    [InlineData(-50, -50, false)]
    public void A_session_that_is_close_to_its_end_is_not_certain(double started, double renewed, bool isCertain) =>
        s_rule.IsCertain(new(Now - (long)(started * Minute), Now - (long)(renewed * Minute)), Now).Should().Be(isCertain);

    private static readonly Gen<Lease> s_leases =
        from since in Gen.Long[1, 3]
        from started in Gen.Long[-90, 500]
        from lasted in Gen.Long[0, 500]
        select new Lease(default, since, new(Now - (started * Minute), Now - ((started - lasted) * Minute)));
}
