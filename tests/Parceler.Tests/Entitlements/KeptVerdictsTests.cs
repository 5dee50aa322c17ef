using System.Text;
using Parceler.Database;
using Parceler.Entitlements;
using Parceler.Tests.Support;

namespace Parceler.Tests.Entitlements;

public class KeptVerdictsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_restart_sends_nobody_to_the_authority()
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Allow("M-1", "s3cret");
        entitled.Server.AllowUntil("t0ken", entitled.Now.AddYears(1));
        await entitled.DecideAsync("enterprise", "M-1", "s3cret");
        await entitled.DecideAsync("community", "M-2", "t0ken");

        await entitled.RestartAsync();
        var enterprise = await entitled.DecideAsync("enterprise", "M-1", "s3cret");
        var community = await entitled.DecideAsync("community", "M-2", "t0ken");

        enterprise.Should().BeOfType<Verdict.Allowed>();
        community.Should().BeOfType<Verdict.Allowed>();
        entitled.Server.Calls.Should().HaveCount(2);
    }

    [Fact]
    public async Task A_kept_allowance_still_ends_with_the_subscription()
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.AllowUntil("t0ken", entitled.Now.AddDays(2));
        await entitled.DecideAsync("community", "M-1", "t0ken");
        await entitled.RestartAsync();
        entitled.Server.Everybody = new(500);

        entitled.Pass(TimeSpan.FromDays(2));
        var decided = await entitled.DecideAsync("community", "M-1", "t0ken");

        decided.Should().BeOfType<Verdict.Unknown>();
    }

    [Fact]
    public async Task Verdicts_under_a_previous_key_are_read_and_kept_under_the_current_one()
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Allow("M-1", "s3cret");
        await entitled.DecideAsync("enterprise", "M-1", "s3cret");

        entitled.Options = entitled.Options with { AppKeys = [Entitled.KeyOf(2), Entitled.KeyOf(1)] };
        await entitled.RestartAsync();
        var withBoth = await entitled.DecideAsync("enterprise", "M-1", "s3cret");
        entitled.Options = entitled.Options with { AppKeys = [Entitled.KeyOf(2)] };
        await entitled.RestartAsync();
        var withTheNewOne = await entitled.DecideAsync("enterprise", "M-1", "s3cret");

        withBoth.Should().BeOfType<Verdict.Allowed>();
        withTheNewOne.Should().BeOfType<Verdict.Allowed>();
        entitled.Server.Calls.Should().HaveCount(1);
        (await RowsAsync(entitled)).Should().Be(1);
    }

    [Fact]
    public async Task Another_key_reads_nothing()
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Allow("M-1", "s3cret");
        await entitled.DecideAsync("enterprise", "M-1", "s3cret");

        entitled.Options = entitled.Options with { AppKeys = [Entitled.KeyOf(3)] };
        await entitled.RestartAsync();
        await entitled.DecideAsync("enterprise", "M-1", "s3cret");

        entitled.Server.Calls.Should().HaveCount(2);
    }

    [Fact]
    public async Task Invented_credentials_cost_no_row_and_push_out_nobody_who_is_entitled()
    {
        await using var entitled = await Entitled.StartAsync(options => options with { MaxMachines = 20 });
        entitled.Server.Allow("M-1", "s3cret");
        await entitled.DecideAsync("enterprise", "M-1", "s3cret");
        for (var i = 0; i < 100; i++)
        {
            await entitled.DecideAsync("enterprise", $"invented-{i}", "x");
        }

        await entitled.SettleAsync();
        var decided = await entitled.DecideAsync("enterprise", "M-1", "s3cret");

        decided.Should().BeOfType<Verdict.Allowed>();
        entitled.Server.CallsOf("M-1", "s3cret").Should().Be(1);
        (await RowsAsync(entitled)).Should().Be(1);
        entitled.Check.Remembered.Should().BeLessThanOrEqualTo(20);
    }

    [Fact]
    public async Task An_allowance_that_memory_had_to_let_go_is_no_longer_kept()
    {
        await using var entitled = await Entitled.StartAsync(options => options with { MaxMachines = 20 });
        entitled.Server.Everybody = new(200);
        for (var i = 0; i < 30; i++)
        {
            entitled.Pass(TimeSpan.FromSeconds(1));
            await entitled.DecideAsync("enterprise", $"M-{i}", "s3cret");
        }

        await entitled.SettleAsync();

        (await RowsAsync(entitled)).Should().Be(20);
    }

    [Fact]
    public async Task What_is_beyond_the_grace_is_purged()
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Allow("M-1", "s3cret");
        await entitled.DecideAsync("enterprise", "M-1", "s3cret");
        await entitled.SettleAsync();

        entitled.Pass(TimeSpan.FromDays(8));
        await entitled.SettleAsync();

        (await RowsAsync(entitled)).Should().Be(0);
    }

    [Fact]
    public async Task What_could_not_be_written_is_written_later()
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Allow("M-1", "s3cret");
        await entitled.DecideAsync("enterprise", "M-1", "s3cret");
        await ExecuteAsync(entitled, "alter table verdicts rename to away");

        await FluentActions.Awaiting(entitled.SettleAsync).Should().ThrowAsync<Exception>();
        await ExecuteAsync(entitled, "alter table away rename to verdicts");
        await entitled.SettleAsync();

        (await RowsAsync(entitled)).Should().Be(1);
    }

    [Fact]
    public async Task The_verdicts_are_written_when_the_service_stops()
    {
        await using var entitled = await Entitled.StartAsync();
        using var stop = new CancellationTokenSource();
        var running = entitled.Check.RunAsync(stop.Token);
        entitled.Server.Everybody = new(200);
        await entitled.DecideAsync("enterprise", "M-1", "s3cret");
        await entitled.DecideAsync("enterprise", "M-2", "s3cret");

        await stop.CancelAsync();
        await running;

        (await RowsAsync(entitled)).Should().Be(2);
    }

    [Fact]
    public async Task A_secret_is_neither_stored_nor_logged()
    {
        Assert.SkipWhen(TestDatabase.IsPostgres, "it reads the files of SQLite");
        const string secret = "Sup3rSecretOfM1";
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Allow("M-1", secret);
        entitled.Server.AllowUntil(secret, entitled.Now.AddYears(1));
        await entitled.DecideAsync("enterprise", "M-1", secret);
        await entitled.DecideAsync("community", "M-1", secret);
        await entitled.Machines.AddAsync(TierName.Parse("own"), SystemId.Parse("M-1"), secret, null, Cancellation);
        await entitled.DecideAsync("own", "M-1", secret);
        entitled.Server.Everybody = new(500, secret);
        for (var i = 0; i < 5; i++)
        {
            await entitled.DecideAsync("enterprise", $"M-2{i}", secret);
        }

        await entitled.SettleAsync();

        var seen = new List<string>(entitled.Log.Lines);
        foreach (var file in Directory.GetFiles(entitled.Store.Disk.PathOf(""), "database.sqlite*"))
        {
            seen.Add(Encoding.Latin1.GetString(await ReadAsync(file)));
        }

        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes($"M-1:{secret}"));
        seen.Should().HaveCountGreaterThan(2);
        seen.Should().NotContain(text => text.Contains(secret) || text.Contains(encoded));
        seen.Should().Contain(text => text.Contains("verdicts"), "the files were read");
    }

    private static async Task<byte[]> ReadAsync(string file)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, Cancellation);
        return bytes.ToArray();
    }

    private static async Task<long> RowsAsync(Entitled entitled)
    {
        await using var session = await entitled.Store.Db.OpenAsync(Cancellation);
        return await session.FirstAsync("select count(*) from verdicts", row => row.GetInt64(0));
    }

    private static async Task ExecuteAsync(Entitled entitled, string sql)
    {
        await using var session = await entitled.Store.Db.OpenAsync(Cancellation);
        await session.ExecuteAsync(sql);
    }
}
