using Parceler.Entitlements;
using Parceler.Tests.Support;

namespace Parceler.Tests.Entitlements;

public class LocalMachinesTests
{
    private static readonly TierName Own = TierName.Parse("own");
    private static readonly TierName Enterprise = TierName.Parse("enterprise");
    private static readonly SystemId M1 = SystemId.Parse("M-1");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_listed_machine_is_allowed_with_its_secret_only()
    {
        await using var entitled = await Entitled.StartAsync();
        await entitled.Machines.AddAsync(Own, M1, "s3cret", null, Cancellation);

        var right = await entitled.DecideAsync("own", "M-1", "s3cret");
        var wrong = await entitled.DecideAsync("own", "M-1", "secret");
        var again = await entitled.DecideAsync("own", "M-1", "s3cret");
        var unlisted = await entitled.DecideAsync("own", "M-2", "s3cret");

        right.Should().BeOfType<Verdict.Allowed>();
        wrong.Should().BeOfType<Verdict.Denied>();
        again.Should().BeOfType<Verdict.Allowed>();
        unlisted.Should().BeOfType<Verdict.Denied>();
        entitled.Server.Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task A_secret_that_was_looked_at_is_decided_from_memory()
    {
        await using var entitled = await Entitled.StartAsync();
        await entitled.Machines.AddAsync(Own, M1, "s3cret", null, Cancellation);
        await entitled.DecideAsync("own", "M-1", "s3cret");
        await entitled.DecideAsync("own", "M-1", "wrong");
        await entitled.Machines.LoadAsync(Cancellation);
        var own = entitled.Check.FindTier(Own)!;

        var right = entitled.Check.TryDecide(own, Credentials.Of("M-1", "s3cret"), entitled.Now, out var allowed);
        var wrong = entitled.Check.TryDecide(own, Credentials.Of("M-1", "wrong"), entitled.Now, out var denied);
        var other = entitled.Check.TryDecide(own, Credentials.Of("M-1", "other"), entitled.Now, out _);

        (right, wrong, other).Should().Be((true, true, false));
        allowed.Should().BeOfType<Verdict.Allowed>();
        denied.Should().BeOfType<Verdict.Denied>();
    }

    [Fact]
    public async Task A_removed_machine_is_denied_in_running_services_at_the_next_look_at_the_changes()
    {
        await using var entitled = await Entitled.StartAsync();
        await entitled.Machines.AddAsync(Own, M1, "s3cret", null, Cancellation);
        await entitled.DecideAsync("own", "M-1", "s3cret");
        await entitled.Store.Feed.LookAsync(Cancellation);
        using var command = new LocalMachines(entitled.Store.Db, entitled.Store.Disk, entitled.Store.Clock); // another process

        var removed = await command.RemoveAsync(Own, M1, Cancellation);
        var again = await command.RemoveAsync(Own, M1, Cancellation);
        await entitled.Store.Feed.LookAsync(Cancellation);
        var decided = await entitled.DecideAsync("own", "M-1", "s3cret");

        (removed, again).Should().Be((true, false));
        decided.Should().BeOfType<Verdict.Denied>();
    }

    [Fact]
    public async Task A_new_secret_replaces_the_old_one_at_once()
    {
        await using var entitled = await Entitled.StartAsync();
        await entitled.Machines.AddAsync(Own, M1, "old", null, Cancellation);
        await entitled.DecideAsync("own", "M-1", "old");

        await entitled.Machines.AddAsync(Own, M1, "new", null, Cancellation);
        var withOld = await entitled.DecideAsync("own", "M-1", "old");
        var withNew = await entitled.DecideAsync("own", "M-1", "new");

        withOld.Should().BeOfType<Verdict.Denied>();
        withNew.Should().BeOfType<Verdict.Allowed>();
    }

    [Fact]
    public async Task An_entry_ends_when_it_expires()
    {
        await using var entitled = await Entitled.StartAsync();
        await entitled.Machines.AddAsync(Own, M1, "s3cret", entitled.Now.AddDays(1), Cancellation);

        var before = await entitled.DecideAsync("own", "M-1", "s3cret");
        entitled.Pass(TimeSpan.FromDays(1));
        var after = await entitled.DecideAsync("own", "M-1", "s3cret");

        before.Should().BeOfType<Verdict.Allowed>();
        after.Should().BeOfType<Verdict.Denied>();
    }

    [Fact]
    public async Task The_list_alone_decides_about_who_is_on_it_also_where_there_is_an_authority()
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Allow("M-1", "the-authority's");
        await entitled.Machines.AddAsync(Enterprise, M1, "ours", null, Cancellation);

        var ours = await entitled.DecideAsync("enterprise", "M-1", "ours");
        var theirs = await entitled.DecideAsync("enterprise", "M-1", "the-authority's");
        var calls = entitled.Server.Calls.Count;
        await entitled.Machines.RemoveAsync(Enterprise, M1, Cancellation);
        var afterRemoval = await entitled.DecideAsync("enterprise", "M-1", "the-authority's");

        ours.Should().BeOfType<Verdict.Allowed>();
        theirs.Should().BeOfType<Verdict.Denied>();
        calls.Should().Be(0);
        afterRemoval.Should().BeOfType<Verdict.Allowed>();
    }

    [Fact]
    public async Task The_list_does_not_depend_on_the_key_of_the_service()
    {
        await using var entitled = await Entitled.StartAsync();
        await entitled.Machines.AddAsync(Own, M1, "s3cret", null, Cancellation);

        entitled.Options = entitled.Options with { AppKeys = [Entitled.KeyOf(9)] };
        await entitled.RestartAsync();
        var decided = await entitled.DecideAsync("own", "M-1", "s3cret");

        decided.Should().BeOfType<Verdict.Allowed>();
    }

    [Fact]
    public async Task A_lost_list_comes_back_from_its_copy_in_the_storage()
    {
        await using var lost = await Entitled.StartAsync();
        await lost.Machines.AddAsync(Own, M1, "s3cret", lost.Now.AddDays(9), Cancellation);
        await lost.Machines.AddAsync(Enterprise, SystemId.Parse("M-2"), "other", null, Cancellation);
        await lost.Machines.AddAsync(Own, SystemId.Parse("M-3"), "gone", null, Cancellation);
        await lost.Machines.RemoveAsync(Own, SystemId.Parse("M-3"), Cancellation);
        await lost.Store.Db.WriteAsync(session => session.ExecuteAsync("delete from machines"), Cancellation);

        (await lost.Machines.RecoverAsync(Cancellation)).Should().Be(2);

        (await lost.DecideAsync("own", "M-1", "s3cret")).Should().BeOfType<Verdict.Allowed>();
        (await lost.Machines.ListAsync(Cancellation)).Select(m => (m.Tier, m.ExpiresAt)).Should().Equal((Enterprise, null), (Own, lost.Now.AddDays(9)));
        File.ReadAllText(lost.Store.Disk.PathOf("machines.json")).Should().NotContain("s3cret");
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    public async Task A_secret_that_no_machine_could_send_is_refused(string secret)
    {
        await using var entitled = await Entitled.StartAsync();

        await FluentActions
            .Awaiting(() => entitled.Machines.AddAsync(Own, M1, secret, null, Cancellation))
            .Should()
            .ThrowAsync<ArgumentException>()
            .WithMessage("*M-1*");
    }
}
