using Parceler.Delivery;
using Parceler.Jobs;
using Parceler.Tests.Support;

namespace Parceler.Tests.Api;

/// <summary>What the API changes, and that asking twice changes nothing more.</summary>
public class ChangingTests : IAsyncLifetime
{
    private TestParceler _parceler = null!;
    private ApiClient _ci = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _parceler = await TestParceler.StartAsync();
        _ci = await ApiClient.OfAsync(_parceler);
        _parceler.WriteUpstream("netsec", "Packages", "good");
        await _parceler.CreateAsync("netsec", delay: 0);
        _parceler.Clock.Advance(TimeSpan.FromHours(1));
        _parceler.WriteUpstream("netsec", "Packages", "newer");
        await _parceler.SyncAsync("netsec");
    }

    public ValueTask DisposeAsync()
    {
        _ci.Dispose();
        return _parceler.DisposeAsync();
    }

    [Fact]
    public async Task A_repository_is_put_and_put_again()
    {
        const string Body = """{"command":"echo x > source/made/x","delay":3}""";
        (await _ci.SendAsync("PUT", "repositories/made", Body)).ShouldBe(201).Header("Location").Should().Be("/api/v1/repositories/made");
        (await _ci.SendAsync("PUT", "repositories/made", Body)).ShouldBe(200).Json.GetProperty("delay").GetInt32().Should().Be(3);
        (await _ci.SendAsync("PUT", "repositories/made", """{"command":"true"}""")).ShouldBe(200).Json.GetProperty("delay").GetInt32().Should().Be(7, "what is absent has its default");

        (await _parceler.Get<JobQueue>().ListAsync("made", 10, Cancellation)).Should().ContainSingle("only the first one is new");
        (await _ci.SendAsync("DELETE", "repositories/made")).ShouldBe(204);
        (await _ci.SendAsync("DELETE", "repositories/made")).ShouldBeProblem(404, "'made'");
    }

    [Fact]
    public async Task An_edit_changes_what_is_given_alone()
    {
        var edited = (await _ci.SendAsync("PATCH", "repositories/netsec", """{"delay":5,"gate":"warn"}""")).ShouldBe(200).Json;

        (edited.GetProperty("delay").GetInt32(), edited.GetProperty("gate").GetString()).Should().Be((5, "warn"));
        edited.GetProperty("upstream").GetString().Should().StartWith("rm -rf");
    }

    [Theory]
    [InlineData("PATCH", "repositories/netsec", """{"delya":5}""", 400, "delya")]
    [InlineData("PATCH", "repositories/netsec", "{", 400, "JSON")]
    [InlineData("PATCH", "repositories/netsec", """{"delay":-1}""", 422, "-1")]
    [InlineData("PATCH", "repositories/netsec", """{"gate":"x"}""", 422, "'x'")]
    [InlineData("PATCH", "repositories/netsec", """{"source":"disk"}""", 409, "FILESYSTEM_DISK")]
    [InlineData("PUT", "repositories/made", "{}", 422, "command")]
    [InlineData("PUT", "repositories/made", """{"command":"x","upstream":{"kind":"apk","url":"https://example/"}}""", 422, "not both")]
    [InlineData("PUT", "repositories/netsec/trust/k.pub", """{"content":"x"}""", 422, "k.pub")]
    [InlineData("PUT", "machines/none/id", "{}", 404, "'none'")]
    [InlineData("PUT", "maintenance", """{"redirect":"javascript:x"}""", 422, "redirect")]
    public async Task What_makes_no_sense_is_refused_and_changes_nothing(string method, string path, string body, int status, string naming)
    {
        (await _ci.SendAsync(method, path, body)).ShouldBeProblem(status, naming);
        (await _ci.GetAsync("audit")).Items("what").Should().BeEmpty();
    }

    [Fact]
    public async Task A_body_that_is_no_json_is_refused() =>
        (await _ci.SendContentAsync("PATCH", "repositories/netsec", new FormUrlEncodedContent([new("delay", "1")]))).ShouldBeProblem(415, "application/json");

    [Fact]
    public async Task A_freeze_can_be_repeated_and_so_can_its_end()
    {
        const string First = """{"snapshot":"2026-09-01T06"}""";
        for (var time = 0; time < 2; time++)
        {
            (await _ci.SendAsync("PUT", "repositories/netsec/freeze", First)).ShouldBe(200).Json.GetProperty("snapshot").GetString().Should().Be("2026-09-01T06:00:00+00:00");
        }

        await _parceler.SettleAsync();
        (await _parceler.ReadAsync("netsec", "Packages")).Should().Be("good");
        (await _ci.SendAsync("PUT", "repositories/netsec/freeze", """{"snapshot":"2026-09-01T07"}""")).ShouldBeProblem(409, "frozen already");
        (await _ci.SendAsync("DELETE", "repositories/netsec/snapshots/2026-09-01T06")).ShouldBeProblem(409, "Unfreeze");

        for (var time = 0; time < 2; time++)
        {
            (await _ci.SendAsync("DELETE", "repositories/netsec/freeze")).ShouldBe(200).Json.GetProperty("snapshot").GetString().Should().Be("2026-09-01T07:00:00+00:00");
        }
    }

    [Fact]
    public async Task A_deleted_snapshot_is_served_no_more()
    {
        var answer = (await _ci.SendAsync("DELETE", "repositories/netsec/snapshots/newest?now=true")).ShouldBe(200).Json;

        answer.GetProperty("served").GetProperty("snapshot").GetString().Should().Be("2026-09-01T06:00:00+00:00");
        await _parceler.SettleAsync();
        (await _parceler.ReadAsync("netsec", "Packages")).Should().Be("good");
    }

    [Fact]
    public async Task A_sync_that_waits_is_the_same_and_one_under_a_key_stays_the_same()
    {
        var first = await JobOfAsync("syncs");
        (await JobOfAsync("syncs")).Should().Be(first);
        await _parceler.RunJobsAsync();
        (await JobOfAsync("syncs")).Should().NotBe(first);
        await _parceler.RunJobsAsync();

        var keyed = await JobOfAsync("syncs", "build-1");
        await _parceler.RunJobsAsync();
        (await JobOfAsync("syncs", "build-1")).Should().Be(keyed, "it was asked for already");
        (await JobOfAsync("syncs", "build-2")).Should().NotBe(keyed);
        (await _ci.SendAsync("POST", "repositories/netsec/releases", null, ("Idempotency-Key", "build-1"))).ShouldBeProblem(422, "build-1");
        using var other = await ApiClient.OfAsync(_parceler, name: "other");
        (await other.SendAsync("POST", "repositories/netsec/releases", null, ("Idempotency-Key", "build-1"))).ShouldBe(202); // keys are the asker's own
    }

    [Fact]
    public async Task A_key_is_forgotten_after_a_day()
    {
        var keyed = await JobOfAsync("syncs", "build-1");
        await _parceler.RunJobsAsync();
        _parceler.Clock.Advance(TimeSpan.FromDays(1) + TimeSpan.FromSeconds(1));

        (await JobOfAsync("syncs", "build-1")).Should().NotBe(keyed);
    }

    [Fact]
    public async Task Jobs_are_cancelled_and_tried_again()
    {
        var job = await JobOfAsync("releases");

        (await _ci.SendAsync("POST", $"jobs/{job}/cancel")).ShouldBe(200).Json.GetProperty("state").GetString().Should().Be("cancelled");
        (await _ci.SendAsync("POST", $"jobs/{job}/cancel")).ShouldBe(200);
        (await _ci.SendAsync("POST", $"jobs/{job}/retry")).ShouldBe(200).Json.GetProperty("state").GetString().Should().Be("waiting");
        (await _ci.SendAsync("POST", $"jobs/{job}/retry")).ShouldBeProblem(409, job);
    }

    [Fact]
    public async Task A_machine_is_put_on_the_list_and_taken_off()
    {
        var made = (await _ci.SendAsync("PUT", "machines/community/site/12", "{}")).ShouldBe(200).Json;
        made.GetProperty("secret").GetString().Should().HaveLength(64);
        (await _ci.SendAsync("PUT", "machines/community/site/12", """{"secret":"own","expiresAt":"2027-01-01T00:00:00+00:00"}""")).Json.GetProperty("secret").GetString().Should().BeNull();
        (await _ci.GetAsync("machines?tier=community")).Items("systemId").Should().Equal("site/12");
        (await _ci.GetAsync("machines")).Text.Should().NotContain("own");

        (await _ci.SendAsync("DELETE", "machines/community/site/12")).ShouldBe(204);
        (await _ci.SendAsync("DELETE", "machines/community/site/12")).ShouldBeProblem(404, "site/12");
    }

    [Fact]
    public async Task Maintenance_begins_and_ends_through_the_api()
    {
        (await _ci.SendAsync("PUT", "maintenance", """{"retryAfterSeconds":5,"secret":"let-me-in"}""")).ShouldBe(200).Text.Should().NotContain("let-me-in");
        _parceler.Get<MaintenanceMode>().Current.Should().NotBeNull();
        (await _ci.GetAsync("maintenance")).Json.GetProperty("down").GetBoolean().Should().BeTrue();

        (await _ci.SendAsync("DELETE", "maintenance")).ShouldBe(204);
        (await _ci.SendAsync("DELETE", "maintenance")).ShouldBe(204);
        _parceler.Get<MaintenanceMode>().Current.Should().BeNull();
    }

    [Fact]
    public async Task A_key_is_trusted_and_trusted_no_more()
    {
        const string Key = "untrusted comment: x\\nRWQ0AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\\n";

        (await _ci.SendAsync("PUT", "repositories/netsec/trust/feed.pub", $$"""{"content":"{{Key}}"}""")).ShouldBe(200).Json.GetProperty("kind").GetString().Should().Be("usign");
        (await _ci.GetAsync("repositories/netsec/trust")).Json.GetArrayLength().Should().Be(1);
        (await _ci.SendAsync("DELETE", "repositories/netsec/trust/feed.pub")).ShouldBe(204);
        (await _ci.SendAsync("DELETE", "repositories/netsec/trust/feed.pub")).ShouldBeProblem(404, "feed.pub");
    }

    private async Task<string> JobOfAsync(string what, string? key = null)
    {
        var answer = (await _ci.SendAsync("POST", $"repositories/netsec/{what}", null, key is null ? [] : [("Idempotency-Key", key)])).ShouldBe(202);
        var id = answer.Json.GetProperty("id").ToString();
        answer.Header("Location").Should().Be($"/api/v1/jobs/{id}");
        return id;
    }
}
