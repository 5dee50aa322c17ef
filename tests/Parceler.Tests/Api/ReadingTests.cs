using System.Text.Json;
using Parceler.Tests.Support;

namespace Parceler.Tests.Api;

/// <summary>What the API tells, page by page.</summary>
public class ReadingTests : IAsyncLifetime
{
    private TestParceler _parceler = null!;
    private ApiClient _ci = null!;

    public async ValueTask InitializeAsync()
    {
        _parceler = await TestParceler.StartAsync();
        _parceler.WriteUpstream("netsec", "a", "1");
        _parceler.WriteUpstream("netsec", "b+c", "1");
        await _parceler.CreateAsync("netsec", delay: 0);
        _parceler.Clock.Advance(TimeSpan.FromHours(1));
        _parceler.WriteUpstream("netsec", "b+c", "22");
        _parceler.WriteUpstream("netsec", "d", "1");
        await _parceler.SyncAsync("netsec");
        await _parceler.CreateAsync("other", sync: false);
        _ci = await ApiClient.OfAsync(_parceler, Parceler.Operators.Scopes.Read);
    }

    public ValueTask DisposeAsync()
    {
        _ci.Dispose();
        return _parceler.DisposeAsync();
    }

    [Fact]
    public async Task A_repository_looks_as_the_command_prints_it()
    {
        var entry = (await _ci.GetAsync("repositories")).Json.GetProperty("items")[0];

        entry.EnumerateObject().Select(field => field.Name).Should().Equal("name", "delay", "upstream", "sourceFolder", "frozen", "servedSnapshot", "servedReason", "lastSync", "signed");
        entry.GetProperty("servedSnapshot").GetString().Should().Be("2026-09-01T07:00:00+00:00");
        entry.GetProperty("lastSync").GetProperty("state").GetString().Should().Be("succeeded");
        (await _ci.GetAsync("repositories/netsec")).Json.GetProperty("snapshots").GetInt32().Should().Be(2);
    }

    [Theory]
    [InlineData("repositories", "name", 2)]
    [InlineData("repositories/netsec/snapshots", "instant", 2)]
    [InlineData("repositories/netsec/snapshots/newest/files", "path", 3)]
    [InlineData("repositories/netsec/snapshots/2026-09-01T06/diff/served", "path", 2)]
    [InlineData("jobs", "id", 2)]
    public async Task Pages_of_one_are_together_what_one_page_is(string path, string property, int count)
    {
        var whole = await _ci.GetAsync(path);
        var items = new List<string>();
        string? cursor = null;
        do
        {
            var page = (await _ci.GetAsync($"{path}?limit=1{(cursor is null ? "" : $"&cursor={cursor}")}")).ShouldBe(200);
            items.AddRange(page.Items(property));
            page.Items(property).Should().ContainSingle();
            cursor = page.Json.GetProperty("next").GetString();
        } while (cursor is not null && items.Count <= count);

        items.Should().Equal(whole.Items(property)).And.HaveCount(count);
        whole.Json.GetProperty("next").ValueKind.Should().Be(JsonValueKind.Null);
    }

    [Fact]
    public async Task A_diff_tells_files_and_their_sizes()
    {
        var answer = await _ci.GetAsync("repositories/netsec/snapshots/2026-09-01T06/diff/2026-09-01T07?files=true");

        answer.Text.Should().Contain("""{"change":"changed","path":"b+c","sizeBefore":1,"sizeAfter":2}""").And.Contain("\"added\"");
    }

    [Fact]
    public async Task The_log_of_a_job_goes_on_where_the_last_look_ended()
    {
        var id = (await _ci.GetAsync("jobs?repository=netsec")).Items("id")[0];

        var all = (await _ci.GetAsync($"jobs/{id}/log")).Json;
        var rest = (await _ci.GetAsync($"jobs/{id}/log?after={all.GetProperty("next")}")).Json;

        all.GetProperty("lines").GetArrayLength().Should().BePositive();
        rest.GetProperty("lines").GetArrayLength().Should().Be(0);
        rest.GetProperty("next").GetInt64().Should().Be(all.GetProperty("next").GetInt64());
    }

    [Theory]
    [InlineData("repositories/none", 404, "'none'")]
    [InlineData("repositories/no%20name", 400, "'no name'")]
    [InlineData("repositories/netsec/snapshots/2020/files", 404, "'2020'")]
    [InlineData("repositories/other/snapshots/served/files", 404, "'other'")]
    [InlineData("jobs/4711", 404, "4711")]
    [InlineData("jobs/x", 400, "")]
    [InlineData("jobs?limit=0", 400, "limit")]
    [InlineData("jobs?cursor=!", 400, "cursor")]
    [InlineData("repositories/netsec/preview?days=0", 400, "days")]
    [InlineData("nothing", 404, "/api/v1/reference")]
    [InlineData("maintenance/x", 404, "")]
    public async Task What_is_not_there_is_told_as_a_problem(string path, int status, string naming) => (await _ci.GetAsync(path)).ShouldBeProblem(status, naming);

    [Fact]
    public async Task A_wrong_method_is_a_problem_too() => (await _ci.SendAsync("PUT", "repositories")).ShouldBeProblem(405);

    [Theory]
    [InlineData("repositories/netsec/preview?days=3")]
    [InlineData("repositories/netsec/snapshots/served/packages")]
    [InlineData("repositories/netsec/trust")]
    [InlineData("packages?name=x*")]
    [InlineData("machines")]
    [InlineData("nodes")]
    [InlineData("maintenance")]
    [InlineData("audit")]
    public async Task All_the_rest_is_answered(string path)
    {
        var answer = (await _ci.GetAsync(path)).ShouldBe(200);
        (answer.Header("X-Frame-Options"), answer.Header("X-Content-Type-Options"), answer.Header("Cache-Control")).Should().Be(("DENY", "nosniff", "no-store"));
        answer.Header("Content-Security-Policy").Should().Contain("frame-ancestors 'none'");
    }
}
