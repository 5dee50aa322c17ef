using System.Globalization;
using System.Text.RegularExpressions;
using Parceler.App.Http;
using Parceler.Tests.Support;

namespace Parceler.Tests.Telemetry;

/// <summary>A process with work of every kind behind it, as Prometheus sees it: the metrics are of a process, so it is one of its own.</summary>
[Trait("Speed", "slow")]
public sealed partial class MetricsTests : IAsyncLifetime
{
    private const string Files = "/repository/community/demo";
    private static readonly (string, string) s_machine = ("Authorization", RawRequest.Basic(InstalledParceler.Machine, InstalledParceler.Secret));
    private readonly InstalledParceler _parceler = new();
    private readonly int _metricsPort = FreePort.Find();
    private readonly int _tlsPort = FreePort.Find();
    private TestCertificates _certificates = null!;
    private FakeLicenceServer _licences = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _licences = await FakeLicenceServer.StartAsync();
        _licences.Allow("M-1", "good");
        _certificates = await TestCertificates.CreateAsync();
        await _certificates.MakeAsync("first", days: 100);
        _certificates.Serve("first");
        _parceler.Environment["ENTERPRISE_ENDPOINT"] = _licences.Enterprise.ToString();
        _parceler.Environment["ASPNETCORE_URLS"] = $"http://127.0.0.1:{_parceler.Address.Port};https://127.0.0.1:{_tlsPort}";
        _parceler.Environment["TLS_CERTIFICATE"] = _certificates.Certificate;
        _parceler.Environment["TLS_KEY"] = _certificates.Key;
        _parceler.Environment["METRICS_URLS"] = $"http://127.0.0.1:{_metricsPort}";
    }

    public async ValueTask DisposeAsync()
    {
        _parceler.Dispose();
        _certificates.Dispose();
        await _licences.DisposeAsync();
    }

    [Fact]
    public async Task Every_metric_stands_in_the_document_and_the_other_way_round_with_the_figures_of_the_day()
    {
        await using var service = await WorkAsync();

        await Wait.UntilAsync(async () => Value(await ScrapeAsync(), "parceler_repository_served{repository=\"broken\"}") == 0, "the repositories were looked at after all that was done");
        var scraped = await ScrapeAsync();

        var names = Type().Matches(scraped).Select(match => match.Groups[1].Value).ToList();
        names.Should().BeSubsetOf(MetricsDocument.Names);
        MetricsDocument.Names.Where(name => name.StartsWith("parceler_", StringComparison.Ordinal)).Should().BeSubsetOf(names);
        DownloadCounts.Words.Should().BeEquivalentTo(MetricsDocument.Decisions).And.HaveCount(Enum.GetValues<Decision>().Length);
        ShouldCountDecisions(scraped);
        ShouldTellOfTheRepository(scraped);
        Value(scraped, "parceler_authority_call_duration_seconds_count{outcome=\"allowed\",tier=\"enterprise\"}").Should().Be(1);
        Value(scraped, "parceler_authority_call_duration_seconds_count{outcome=\"denied\",tier=\"enterprise\"}").Should().Be(1);
        Value(scraped, "parceler_job_duration_seconds_count{kind=\"repository.sync\",result=\"retried\"}").Should().Be(1);
        Value(scraped, "parceler_sessions{}").Should().Be(2, "two machines read an index");
        Value(scraped, "parceler_session_starts_total{}").Should().Be(2);
        scraped.Should().NotContain(InstalledParceler.Machine).And.NotContain(_parceler.Folder.Path);
        await ShouldBeWellFormedAsync(scraped);
    }

    [Fact]
    public async Task A_worker_alone_shows_its_jobs()
    {
        await _parceler.DoneAsync("repository", "create", "demo", "--command", "echo x > source/demo/x", "--sync");
        await using var worker = await _parceler.StartAsync("worker");

        await Wait.UntilAsync(async () => Value(await ScrapeAsync(), "parceler_job_duration_seconds_count{kind=\"repository.sync\",result=\"succeeded\"}") == 1, "the job is counted");
        (await ScrapeAsync()).Should().NotContain("parceler_delivery_requests_total").And.NotContain("parceler_repository_served{");
    }

    private static void ShouldCountDecisions(string scraped)
    {
        var expected = new Dictionary<string, int>
        {
            ["decision=\"file\",tier=\"community\""] = 3,
            ["decision=\"file\",tier=\"enterprise\""] = 1,
            ["decision=\"part\",tier=\"community\""] = 1,
            ["decision=\"head\",tier=\"community\""] = 1,
            ["decision=\"not_modified\",tier=\"community\""] = 1,
            ["decision=\"unsatisfiable\",tier=\"community\""] = 1,
            ["decision=\"denied\",tier=\"enterprise\""] = 1,
            ["decision=\"unknown\",tier=\"community\""] = 1,
            ["decision=\"no_file\",tier=\"community\""] = 1,
            ["decision=\"no_repository\",tier=\"community\""] = 1,
            ["decision=\"no_repository\",tier=\"\""] = 1,
            ["decision=\"anonymous\",tier=\"\""] = 2,
            ["decision=\"malformed\",tier=\"\""] = 1,
            ["decision=\"method\",tier=\"\""] = 1,
        };
        foreach (var (labels, count) in expected)
        {
            Value(scraped, $"parceler_delivery_requests_total{{{labels}}}").Should().Be(count, labels);
        }

        Requests().Matches(scraped).Should().HaveCount(expected.Count);
    }

    private static void ShouldTellOfTheRepository(string scraped)
    {
        Value(scraped, "parceler_repository_downloads_total{repository=\"demo\"}").Should().Be(5);
        Value(scraped, "parceler_repository_download_bytes_total{repository=\"demo\"}").Should().Be((2 * 10) + 100_000 + 3 + 10);
        Value(scraped, "parceler_repository_served{repository=\"demo\"}").Should().Be(1);
        Value(scraped, "parceler_repository_snapshots{repository=\"demo\"}").Should().Be(1);
        Value(scraped, "parceler_repository_delay_seconds{repository=\"demo\"}").Should().Be(7 * 86_400);
        Value(scraped, "parceler_repository_frozen_timestamp_seconds{repository=\"demo\"}").Should().Be(Value(scraped, "parceler_repository_served_timestamp_seconds{repository=\"demo\"}"));
        (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - Value(scraped, "parceler_repository_last_sync_timestamp_seconds{repository=\"demo\"}")).Should().BeInRange(0, 120);
        Value(scraped, "parceler_repository_served{repository=\"broken\"}").Should().Be(0);
        scraped.Should().NotContain("parceler_repository_last_sync_timestamp_seconds{repository=\"broken\"}", "it never was");
        Value(scraped, "parceler_storage_written_bytes_total{}").Should().Be(10 + 100_000);
        Value(scraped, "parceler_cache_opened_bytes_total{}").Should().Be(10 + 100_000);
        Value(scraped, "parceler_cache_lookups_total{found=\"nowhere\"}").Should().Be(2);
    }

    private async Task<RunningParceler> WorkAsync()
    {
        await _parceler.AddMachineAsync();
        var service = await _parceler.StartAsync("serve");
        await _parceler.DoneAsync("repository", "create", "demo", "--command", "printf 0123456789 > source/demo/Packages; head -c 100000 /dev/urandom > source/demo/large.ipk", "--no-sync");
        await _parceler.DoneAsync("repository", "sync", "demo", "--wait");
        await _parceler.DoneAsync("repository", "freeze", "demo");
        await _parceler.DoneAsync("repository", "create", "broken", "--command", "false", "--no-sync");
        (await _parceler.RunAsync("repository", "sync", "broken", "--wait")).Status.Should().Be(1);
        await AskAsync();
        return service;
    }

    private async Task AskAsync()
    {
        await ShouldAnswerAsync(200, "GET", $"{Files}/Packages", s_machine);
        await ShouldAnswerAsync(200, "GET", $"{Files}/Packages", s_machine);
        await ShouldAnswerAsync(200, "GET", $"{Files}/large.ipk", s_machine);
        await ShouldAnswerAsync(206, "GET", $"{Files}/Packages", s_machine, ("Range", "bytes=0-2"));
        await ShouldAnswerAsync(416, "GET", $"{Files}/Packages", s_machine, ("Range", "bytes=10-"));
        await ShouldAnswerAsync(304, "GET", $"{Files}/Packages", s_machine, ("If-None-Match", "*"));
        await ShouldAnswerAsync(200, "HEAD", $"{Files}/Packages", s_machine);
        await ShouldAnswerAsync(404, "GET", $"{Files}/nothing", s_machine);
        await ShouldAnswerAsync(404, "GET", "/repository/community/nothing/x", s_machine);
        await ShouldAnswerAsync(404, "GET", "/repository/gold/demo/x", s_machine);
        await ShouldAnswerAsync(401, "GET", $"{Files}/Packages");
        await ShouldAnswerAsync(401, "GET", $"{Files}/Packages", ("Authorization", "Bearer x"));
        await ShouldAnswerAsync(400, "GET", $"{Files}/../x", s_machine);
        await ShouldAnswerAsync(405, "PUT", $"{Files}/x", s_machine);
        await ShouldAnswerAsync(200, "GET", "/repository/enterprise/demo/Packages", ("Authorization", RawRequest.Basic("M-1", "good")));
        await ShouldAnswerAsync(403, "GET", "/repository/enterprise/demo/Packages", ("Authorization", RawRequest.Basic("M-1", "bad")));
        await ShouldAnswerAsync(503, "GET", $"{Files}/Packages", ("Authorization", RawRequest.Basic("M-2", "token"))); // nobody listens there
    }

    private async Task ShouldAnswerAsync(int status, string method, string target, params (string, string)[] headers) =>
        (await RawRequest.SendAsync(_parceler.Address, method, target, headers)).Status.Should().Be(status, target);

    private async Task<string> ScrapeAsync()
    {
        using var client = new HttpClient();
        return await client.GetStringAsync($"http://127.0.0.1:{_metricsPort}/metrics", Cancellation);
    }

    private async Task ShouldBeWellFormedAsync(string scraped)
    {
        _parceler.Folder.Write("scraped", scraped);
        (await new RealClient(_parceler.Folder.Path).RunAsync("sh", "-c", "promtool check metrics < scraped")).Succeeded().Output.Should().BeEmpty();
    }

    private static double? Value(string scraped, string series) =>
        scraped.Split('\n').SingleOrDefault(line => line.StartsWith(series + " ", StringComparison.Ordinal)) is { } line ? double.Parse(line[series.Length..], CultureInfo.InvariantCulture) : null;

    [GeneratedRegex(@"^# TYPE (\w+) ", RegexOptions.Multiline)]
    private static partial Regex Type();

    [GeneratedRegex("^parceler_delivery_requests_total", RegexOptions.Multiline)]
    private static partial Regex Requests();
}
