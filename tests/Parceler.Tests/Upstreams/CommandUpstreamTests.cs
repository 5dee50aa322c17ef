using Parceler.Upstreams;

namespace Parceler.Tests.Upstreams;

public sealed class CommandUpstreamTests : IDisposable
{
    private readonly CommandBench _bench = new();

    [Fact]
    public async Task A_command_fills_the_source_by_its_short_name()
    {
        var outcome = await _bench.RunAsync("echo one; echo two >&2; echo 1 > source/nethsecurity/Packages");

        outcome.Should().BeOfType<CommandOutcome.Completed>();
        _bench.ReadSource("Packages").Should().Be("1\n");
        _bench.Lines.Should().Equal("one", "two");
    }

    [Fact]
    public async Task A_failure_names_the_command_the_status_and_the_last_lines()
    {
        var outcome = await _bench.RunAsync("seq 20; echo no such mirror >&2; exit 23");

        outcome.Should().BeOfType<CommandOutcome.Failed>().Which.Status.Should().Be(23);
        outcome
            .Describe("fetch it")
            .Should()
            .Be("The command `fetch it` failed with status 23. Its last lines:\n12\n13\n14\n15\n16\n17\n18\n19\n20\nno such mirror");
    }

    [Fact]
    public async Task A_command_that_is_not_there_fails()
    {
        var outcome = await _bench.RunAsync("no-such-tool --mirror");

        outcome.Describe("no-such-tool --mirror").Should().Contain("status 127").And.Contain("not found");
    }

    [Theory]
    [InlineData("kill -KILL $$")]
    [InlineData("sh -c 'kill -KILL $$'")]
    [InlineData("kill -KILL $PPID $$")]
    public async Task A_kill_is_told_from_a_failure(string command)
    {
        var outcome = await _bench.RunAsync(command);

        outcome.Should().BeOfType<CommandOutcome.Killed>().Which.Signal.Should().Be(9);
        outcome.Describe(command).Should().Contain("was killed by signal 9 (KILL)");
    }

    [Fact]
    public void A_command_has_the_environment_of_the_service_less_its_secrets()
    {
        string[] secret = ["APP_KEY", "APP_PREVIOUS_KEYS", "DB_PASSWORD", "REPOSITORY_RELEASE_TOKEN", "Metrics_Token", "OTEL_EXPORTER_OTLP_HEADERS", "NETIFYD_API_KEY"];
        string[] open = ["PATH", "RCLONE_CONFIG_R2_TYPE", "AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "APP_TIMEZONE"];
        var environment = secret.Concat(open).ToDictionary(name => name, string? (_) => "x");

        CommandEnvironment.Fill(environment, _bench.Prepare("true"));

        environment.Keys.Should().BeEquivalentTo([.. open, "PARCELER_REPOSITORY", "PARCELER_SOURCE"]);
    }

    [Fact]
    public async Task A_command_is_told_its_repository_and_its_source()
    {
        await _bench.RunAsync("echo $PARCELER_REPOSITORY; echo $PARCELER_SOURCE; pwd");

        _bench.Lines.Should().Equal("nethsecurity", _bench.Source, _bench.Work);
    }

    [Fact]
    public async Task A_command_that_asks_gets_no_answer()
    {
        var outcome = await _bench.RunAsync("read answer || echo nobody");

        outcome.Should().BeOfType<CommandOutcome.Completed>();
        _bench.Lines.Should().Equal("nobody");
    }

    [Fact]
    public async Task Lines_come_while_the_command_runs()
    {
        var run = _bench.Prepare("echo started; while [ ! -e go ]; do sleep 0.05; done");

        var outcome = await new CommandUpstream(TimeProvider.System).RunAsync(
            run,
            _ => File.WriteAllText(Path.Combine(_bench.Work, "go"), ""),
            TestContext.Current.CancellationToken
        );

        outcome.Should().BeOfType<CommandOutcome.Completed>();
    }

    [Fact]
    public async Task A_command_whose_lines_cannot_be_taken_is_stopped()
    {
        var run = new CommandUpstream(TimeProvider.System).RunAsync(
            _bench.Prepare("echo line; sleep 600"),
            _ => throw new IOException("the log is full"),
            TestContext.Current.CancellationToken
        );

        (await run.Invoking(it => it).Should().ThrowAsync<IOException>()).WithMessage("the log is full");
    }

    public void Dispose() => _bench.Dispose();
}
