using System.Globalization;
using Parceler.Database;
using Parceler.Tests.Support;

namespace Parceler.Tests.Scenarios;

/// <summary>Several processes on one PostgreSQL server of their own, which is cut off, stopped and killed.</summary>
[Trait("Speed", "slow")]
public sealed class ClusterTests : IAsyncLifetime
{
    private PostgresServer _server = null!;
    private PostgresAddress _database = null!;
    private InstalledParceler _parceler = null!;
    private string _newest = "";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await PostgresServer.StartAsync();
        _database = await _server.CreateEmptyAsync();
        _parceler = new();
        foreach (var (name, value) in PostgresServer.SettingsOf(_database))
        {
            _parceler.Environment[name] = value!;
        }
    }

    public ValueTask DisposeAsync()
    {
        _parceler.Dispose();
        _server.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task The_job_of_a_killed_worker_is_taken_over_by_the_other_within_a_minute_and_no_job_runs_twice_at_once()
    {
        var runs = _parceler.Folder["runs"];
        await CreateAsync("slow", $"echo begin >> {runs}; sleep 3; cp /etc/hostname source/slow/; echo end >> {runs}");
        await using var one = await _parceler.StartAsync("worker");
        await using var other = await _parceler.StartAsync("worker");
        await _server.ScalarAsync("update workers set host = 'elsewhere'", _database.Database); // by their process ids they would know each other
        await _parceler.DoneAsync("repository", "sync", "slow");
        await Wait.UntilAsync(() => File.Exists(runs), "the sync runs");

        var (first, second) = one.Lines.Any(line => line.Contains("started", StringComparison.Ordinal)) ? (one, other) : (other, one);
        await first.KillAsync();
        var since = TimeProvider.System.GetTimestamp();
        await Wait.UntilAsync(() => second.Lines.Any(line => line.Contains("started", StringComparison.Ordinal)), "the other takes the job over", seconds: 240);
        Report("takeover", TimeProvider.System.GetElapsedTime(since));

        await second.UntilLoggedAsync("succeeded");
        File.ReadAllLines(runs).Count(line => line == "end").Should().Be(1);
    }

    [Fact]
    public async Task Two_workers_both_work_and_two_schedulers_fire_once()
    {
        for (var i = 0; i < 6; i++)
        {
            await CreateAsync($"r{i}", $"sleep 1; echo {i} > source/r{i}/file");
        }

        await using var one = await _parceler.StartAsync("worker");
        await using var other = await _parceler.StartAsync("worker");
        _parceler.Environment["SYNC_SCHEDULE"] = "* * * * *";
        await using var first = await _parceler.StartAsync("scheduler");
        await using var second = await _parceler.StartAsync("scheduler");

        await Wait.UntilAsync(() => Fired(first) + Fired(second) > 0, "the schedule fires", seconds: 240);
        await Task.Delay(TimeSpan.FromSeconds(12), TimeProvider.System, Cancellation); // both have looked
        (Fired(first) + Fired(second)).Should().Be(1);

        await _parceler.DoneAsync(["repository", "sync", .. Enumerable.Range(0, 6).Select(i => $"r{i}")]);
        await Wait.UntilAsync(() => Succeeded(one) > 0 && Succeeded(other) > 0 && Succeeded(one) + Succeeded(other) >= 6, "both work", seconds: 240);

        static int Fired(RunningParceler scheduler) => scheduler.Lines.Count(line => line.Contains("scheduled sync", StringComparison.Ordinal));
        static int Succeeded(RunningParceler worker) => worker.Lines.Count(line => line.Contains("succeeded", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_freeze_and_a_revocation_are_seen_at_once_and_soon_with_notifications_cut()
    {
        await using var service = await StartServedAsync();
        var took = new List<TimeSpan>();
        for (var round = 0; round < 10; round++)
        {
            took.Add(await UntilServedAsync("2", "repository", "freeze", "demo", _newest));
            took.Add(await UntilServedAsync("1", "repository", "unfreeze", "demo"));
        }

        took.Sort();
        Report("freeze seen, p50", took[took.Count / 2]);
        Report("freeze seen, max", took[^1]);
        took[took.Count / 2].Should().BeLessThan(TimeSpan.FromSeconds(1), "it is told, and not looked for");

        var revoked = await UntilRefusedAsync();
        Report("revocation seen", revoked);
        revoked.Should().BeLessThan(TimeSpan.FromSeconds(10));

        await _parceler.AddMachineAsync();
        await Wait.UntilAsync(async () => await AnswersAsync(), "the machine is let in again");
        using var cutting = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var cut = CutNotificationsAsync(cutting.Token);
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, Cancellation); // what it hears of the cut itself is over
        var late = await UntilRefusedAsync();
        Report("revocation seen with notifications cut", late);
        late.Should().BeLessThan(TimeSpan.FromSeconds(30));
        await cutting.CancelAsync();
        await cut;
    }

    [Fact]
    public async Task A_server_that_restarts_costs_no_download_no_storm_of_errors_and_no_job()
    {
        await using var service = await StartServedAsync();
        using var client = _parceler.Client();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var downloads = DownloadAsync(client, ending.Token);

        await _server.KillAsync();
        await Wait.UntilAsync(async () => (await client.GetAsync("/up/ready", Cancellation)).StatusCode == System.Net.HttpStatusCode.ServiceUnavailable, "it is not ready");
        (await client.GetAsync("/up", Cancellation)).IsSuccessStatusCode.Should().BeTrue();
        await _server.StartAgainAsync();
        await Wait.UntilAsync(async () => (await client.GetAsync("/up/ready", Cancellation)).IsSuccessStatusCode, "it is ready again");
        await _parceler.DoneAsync("repository", "sync", "demo", "--wait");

        await ending.CancelAsync();
        (await downloads).Should().BeGreaterThan(100);
        service.Lines.Count(line => line.Contains("error", StringComparison.OrdinalIgnoreCase)).Should().Be(1, service.Log);
        service.Lines.Should().ContainSingle(line => line.Contains("The database is back after", StringComparison.Ordinal));
    }

    private Task<Printed> CreateAsync(string name, string command) => _parceler.DoneAsync("repository", "create", name, "--command", command, "--delay", "0", "--no-sync");

    // Two snapshots of one file, whose content is their number; the older is served.
    private async Task<RunningParceler> StartServedAsync()
    {
        await _parceler.DoneAsync("repository", "create", "demo", "--command", $"cp {_parceler.Folder["wanted"]} source/demo/latest_release", "--no-sync");
        await _parceler.AddMachineAsync();
        var service = await _parceler.StartAsync("serve");
        foreach (var state in new[] { "1", "2" })
        {
            _parceler.Folder.Write("wanted", state);
            await _parceler.DoneAsync("repository", "sync", "demo", "--wait");
        }

        _newest = (await _parceler.DoneAsync("repository", "snapshots", "demo", "--json")).Json[1].GetProperty("instant").GetString()!;
        await Wait.UntilAsync(async () => await _parceler.ReadAsync("demo", "latest_release") == "1", "the older is served");
        return service;
    }

    // From the moment at which the database says so to the first answer that does.
    private async Task<TimeSpan> UntilServedAsync(string state, params string[] change)
    {
        await using var source = PostgresServer.Raw(_database);
        await using var connection = await source.OpenConnectionAsync(Cancellation);
        await using var asked = connection.CreateCommand();
        asked.CommandText = "select count(\"freeze\") from repositories";
        var changing = _parceler.DoneAsync(change);
        await Wait.UntilAsync(async () => await asked.ExecuteScalarAsync(Cancellation) is long frozen && frozen == (state == "2" ? 1 : 0), "it is committed");
        var since = TimeProvider.System.GetTimestamp();
        await Wait.UntilAsync(async () => await _parceler.ReadAsync("demo", "latest_release") == state, $"state {state} is served");
        var took = TimeProvider.System.GetElapsedTime(since);
        await changing;
        return took;
    }

    // A revocation, unlike a freeze, is waited for by nobody and asked for by no request: it is heard of, or found by a look.
    private async Task<TimeSpan> UntilRefusedAsync()
    {
        await using var source = PostgresServer.Raw(_database);
        await using var connection = await source.OpenConnectionAsync(Cancellation);
        await using var listed = connection.CreateCommand();
        listed.CommandText = "select count(*) from machines";
        var removing = _parceler.DoneAsync("machine", "remove", InstalledParceler.Machine, "--tier", "community");
        await Wait.UntilAsync(async () => await listed.ExecuteScalarAsync(Cancellation) is 0L, "it is committed");
        var since = TimeProvider.System.GetTimestamp();
        await Wait.UntilAsync(async () => !await AnswersAsync(), "the machine is refused");
        var took = TimeProvider.System.GetElapsedTime(since);
        await removing;
        return took;
    }

    private async Task<bool> AnswersAsync()
    {
        using var client = _parceler.Client();
        return (await client.GetAsync("/repository/community/demo/latest_release", Cancellation)).IsSuccessStatusCode;
    }

    private async Task CutNotificationsAsync(CancellationToken cancellation)
    {
        await using var source = PostgresServer.Raw(_database);
        await using var connection = await source.OpenConnectionAsync(Cancellation);
        while (!cancellation.IsCancellationRequested)
        {
            await using var cut = connection.CreateCommand();
            cut.CommandText = "select count(pg_terminate_backend(pid)) from pg_stat_activity where query ilike 'listen%' and pid <> pg_backend_pid()";
            await cut.ExecuteScalarAsync(Cancellation);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
        }
    }

    private static async Task<int> DownloadAsync(HttpClient client, CancellationToken ending)
    {
        var count = 0;
        for (; !ending.IsCancellationRequested; count++)
        {
            (await client.GetStringAsync("/repository/community/demo/latest_release", Cancellation)).Should().Be("1");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
        }

        return count;
    }

    private static void Report(string what, TimeSpan time) =>
        TestContext.Current.SendDiagnosticMessage(string.Create(CultureInfo.InvariantCulture, $"{what}: {time.TotalMilliseconds:0} ms"));
}
