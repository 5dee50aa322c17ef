using System.Text.Json;
using Parceler.Audit;
using Parceler.Repositories;
using Parceler.Tests.Cli;
using Parceler.Tests.Support;

namespace Parceler.Tests.Api;

/// <summary>Who changed what, from where, and what it was before.</summary>
public class AuditTests : IAsyncLifetime
{
    private TestParceler _parceler = null!;
    private ApiClient _ci = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _parceler = await TestParceler.StartAsync();
        _ci = await ApiClient.OfAsync(_parceler);
        _parceler.WriteUpstream("netsec", "Packages", "good");
        await _parceler.CreateAsync("netsec");
    }

    public ValueTask DisposeAsync()
    {
        _ci.Dispose();
        return _parceler.DisposeAsync();
    }

    [Fact]
    public async Task What_nobody_asked_for_is_no_entry()
    {
        await _parceler.PassAsync(days: 1);

        (await _ci.GetAsync("audit")).Items("what").Should().BeEmpty();
    }

    [Fact]
    public async Task An_edit_tells_what_it_changed_and_for_whom()
    {
        await _ci.SendAsync("PATCH", "repositories/netsec", """{"delay":3,"gate":"off"}""");
        await _ci.SendAsync("PATCH", "repositories/netsec", """{"delay":3}"""); // changes nothing

        var entry = (await _ci.GetAsync("audit?repository=netsec")).Json.GetProperty("items").EnumerateArray().Should().ContainSingle().Subject;
        (Text(entry, "who"), Text(entry, "what"), Text(entry, "repository"), Text(entry, "address")).Should().Be(("token ci", "repository.edit", "netsec", "127.0.0.1"));
        Text(entry, "before").Should().Be("""{"delay":7,"gate":"strict"}""");
        Text(entry, "after").Should().Be("""{"delay":3,"gate":"off"}""");
        entry.GetProperty("at").GetDateTimeOffset().Should().Be(_parceler.Clock.GetUtcNow());
    }

    [Fact]
    public async Task Each_change_has_its_entry()
    {
        (string Method, string Path, string? Body, string What)[] changes =
        [
            ("PUT", "repositories/made", """{"command":"true","sync":false}""", "repository.put"),
            ("PUT", "repositories/netsec/freeze", "{}", "repository.freeze"),
            ("DELETE", "repositories/netsec/freeze", null, "repository.unfreeze"),
            ("POST", "repositories/netsec/syncs", null, "repository.sync"),
            ("POST", "repositories/netsec/releases", null, "repository.release"),
            ("POST", "collections", null, "gc"),
            ("PUT", "machines/community/m", """{"secret":"hush-hush"}""", "machine.add"),
            ("DELETE", "machines/community/m", null, "machine.remove"),
            ("PUT", "maintenance", """{"secret":"hush-hush"}""", "down"),
            ("DELETE", "maintenance", null, "up"),
            ("DELETE", "repositories/netsec/snapshots/served", null, "snapshot.delete"),
            ("DELETE", "repositories/made", null, "repository.delete"),
        ];
        foreach (var (method, path, body, _) in changes)
        {
            (await _ci.SendAsync(method, path, body)).Status.Should().BeInRange(200, 204, path);
        }

        var log = await _ci.GetAsync("audit");
        log.Items("what").Reverse().Should().Equal(changes.Select(change => change.What));
        log.Text.Should().NotContain("hush-hush");
        var job = (await _ci.GetAsync("jobs?repository=netsec")).Items("id")[0];
        await _ci.SendAsync("POST", $"jobs/{job}/cancel");
        await _ci.SendAsync("POST", $"jobs/{job}/retry");
        (await _ci.GetAsync("audit?limit=2")).Items("what").Should().Equal("job.retry", "job.cancel");
    }

    [Fact]
    public async Task A_change_that_fails_has_none()
    {
        (await _ci.SendAsync("PATCH", "repositories/netsec", """{"delay":4000}""")).ShouldBeProblem(422);
        (await _ci.SendAsync("DELETE", "repositories/none")).ShouldBeProblem(404);

        (await _ci.GetAsync("audit")).Items("what").Should().BeEmpty();
    }

    [Fact]
    public async Task The_entry_is_part_of_the_transaction_of_its_change()
    {
        new AuditedAction(new("nobody", null), "test", _parceler.Clock).Begin();
        var change = () =>
            _parceler.Get<ChangeRepository>().RunAsync<int>(
                RepositoryName.Parse("netsec"),
                async (session, repository) =>
                {
                    await RepositoryAudit.WriteAsync(session, repository, repository with { DelayDays = 1 });
                    throw new InvalidOperationException("after the entry");
                },
                Cancellation
            );

        await change.Should().ThrowAsync<InvalidOperationException>();
        (await _parceler.Get<AuditLog>().ListAsync(null, null, null, 10, Cancellation)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_release_by_a_pipeline_is_told_of_its_token()
    {
        using var pipeline = new ApiClient(_parceler, "release-token");
        (await pipeline.SendAsync("POST", "/repository/netsec/release")).ShouldBe(202);

        (await _ci.GetAsync("audit")).Items("who").Should().Equal("release token");
    }

    [Fact]
    public async Task Whoever_signs_in_stands_there_by_name()
    {
        await ApiClient.AddOperatorAsync(_parceler);
        using var jo = new ApiClient(_parceler);
        await jo.SignInAsync();
        await jo.SendAsync("POST", "tokens", """{"name":"made","scopes":["read"]}""");

        var entries = await _ci.GetAsync("audit");
        entries.Items("who").Should().Equal("jo", "jo");
        entries.Items("what").Should().Equal("token.create", "session.begin");
        (await jo.GetAsync("tokens")).Json.EnumerateArray().Select(token => Text(token, "createdBy")).Should().Contain("jo");
    }

    [Fact]
    public async Task Entries_are_found_by_time_and_forgotten_when_they_are_old()
    {
        await _ci.SendAsync("PATCH", "repositories/netsec", """{"delay":3}""");
        _parceler.Clock.Advance(TimeSpan.FromDays(10));
        await _ci.SendAsync("PATCH", "repositories/netsec", """{"delay":4}""");

        (await _ci.GetAsync("audit?since=2026-09-02T00:00:00Z")).Items("what").Should().ContainSingle();
        await _parceler.Get<AuditLog>().ForgetAsync(_parceler.Clock.GetUtcNow().AddDays(-1), Cancellation);
        (await _ci.GetAsync("audit")).Items("what").Should().ContainSingle();
    }

    [Fact]
    public async Task Commands_are_those_of_the_user_who_runs_them()
    {
        using var commands = new TestCommands();
        await commands.CreateSyncedAsync("demo", "file");
        await commands.DoneAsync("repository", "edit", "demo", "--delay", "2");
        await commands.DoneAsync("repository:freeze", "demo");
        await commands.DoneAsync("snapshot", "list", "demo");

        var entries = (await commands.DoneAsync("audit", "list", "--json", "--repository", "demo")).Json.EnumerateArray().ToList();
        entries.ConvertAll(entry => Text(entry, "what")).Should().Equal("repository.freeze", "repository.edit", "repository.create");
        entries.ConvertAll(entry => Text(entry, "who")).Should().AllBe($"command line ({Environment.UserName})");
        Text(entries[1], "after").Should().Be("""{"delay":2}""");
        (await commands.DoneAsync("audit", "list", "--since", "2999-01-01")).Out.Should().BeEmpty();
    }

    [Fact]
    public async Task Tokens_and_operators_are_made_by_commands_and_shown_once()
    {
        using var commands = new TestCommands { Input = ApiClient.Password + "\n" };
        var token = (await commands.DoneAsync("token", "create", "ci", "--scope", "read", "--scope", "release", "--expires", "90d")).Out.Trim().Split('\n')[^1];
        token.Should().StartWith("parceler_").And.HaveLength(52);
        (await commands.RunAsync("token", "create", "ci", "--scope", "read")).Status.Should().Be(1);
        (await commands.RunAsync("token", "create", "x", "--scope", "all")).Status.Should().Be(2);
        await commands.DoneAsync("operator", "add", "jo", "--role", "viewer");
        (await commands.DoneAsync("operator", "list")).Out.Should().StartWith("jo\tviewer\t");
        commands.Input = "short\n";
        (await commands.RunAsync("operator", "password", "jo")).Error.Should().Contain("12");

        (await commands.DoneAsync("token", "list")).Out.Should().StartWith("ci\tread,release\t").And.NotContain(token);
        (await commands.DoneAsync("audit", "list")).Out.Should().NotContain(token).And.NotContain(ApiClient.Password);
        await commands.DoneAsync("token", "revoke", "ci");
        (await commands.RunAsync("token", "revoke", "ci")).Status.Should().Be(1);
        await commands.DoneAsync("operator", "remove", "jo");
        (await commands.RunAsync("operator", "remove", "jo")).Status.Should().Be(1);
    }

    private static string? Text(JsonElement entry, string property) => entry.GetProperty(property) is { ValueKind: JsonValueKind.Object } json ? json.GetRawText() : entry.GetProperty(property).GetString();
}
