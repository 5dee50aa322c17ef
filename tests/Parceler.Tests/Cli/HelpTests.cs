using System.CommandLine;
using Parceler.App.Cli;

namespace Parceler.Tests.Cli;

public sealed class HelpTests : IDisposable
{
    private readonly TestCommands _parceler = new();

    public void Dispose() => _parceler.Dispose();

    [Fact]
    public async Task Every_command_has_a_description_and_help_that_ends_with_an_example_of_it()
    {
        var paths = Paths(CommandLine.Build(_parceler.Context(TextWriter.Null, TextWriter.Null)), []).ToList();
        paths.Should().HaveCountGreaterThan(30);

        foreach (var (command, path) in paths)
        {
            var help = await _parceler.DoneAsync([.. path, "--help"]);

            command.Description.Should().NotBeNullOrWhiteSpace("{0} needs one", string.Join(' ', path));
            help.Lines[^2].Should().Be("Example:");
            help.Lines[^1].Should().StartWith(string.Join(' ', ["  parceler", .. path]));
            help.Out.Should().Contain(command.Description!.Split(' ')[0]);
        }
    }

    [Fact]
    public void Every_example_is_a_command_line_that_parses()
    {
        var root = CommandLine.Build(_parceler.Context(TextWriter.Null, TextWriter.Null));
        foreach (var command in Paths(root, []).Select(p => p.Command).OfType<CliCommand>())
        {
            var words = command.Example.Split(" | ")[0]["parceler ".Length..];
            root.Parse(words.Replace('\'', '"')).Errors.Should().BeEmpty("'{0}' is an example", command.Example);
        }
    }

    [Theory]
    [InlineData("'parceler' needs a command")]
    [InlineData("See: parceler repository --help", "repository")]
    [InlineData("See: parceler repository list --help", "repository", "list", "--jason")]
    [InlineData("no command 'parceler bogus'", "bogus")]
    [InlineData("no command 'parceler repository lst'", "repository:lst")]
    [InlineData("'NAME' missing", "repository", "sync")]
    public async Task Wrong_usage_is_told_on_stderr_with_status_2(string says, params string[] words)
    {
        var refused = await _parceler.RunAsync(words);

        refused.Status.Should().Be(2);
        refused.Error.Should().Contain(says).And.Contain("--help");
        refused.Out.Should().BeEmpty();
    }

    [Theory]
    [InlineData("repository:list-files x", "repository files x")]
    [InlineData("repository:create x --command a:b", "repository create x --command a:b")]
    [InlineData("snapshot:list x", "snapshot list x")]
    [InlineData("key:generate --show", "key generate --show")]
    [InlineData("down", "down")]
    [InlineData("repository sync a:b", "repository sync a:b")]
    [InlineData("", "")]
    public void Takes_the_spelling_with_a_colon(string before, string after) =>
        string.Join(' ', CommandLine.Rewrite(before.Split(' ', StringSplitOptions.RemoveEmptyEntries))).Should().Be(after);

    [Fact]
    public async Task Runs_the_roles_with_their_options()
    {
        await _parceler.DoneAsync("serve", "--urls", "http://127.0.0.1:1");
        await _parceler.DoneAsync("web");
        await _parceler.DoneAsync("worker", "--force");
        await _parceler.DoneAsync("scheduler");

        _parceler.Roles.Should().Equal((Role.Serve, "http://127.0.0.1:1", false), (Role.Web, null, false), (Role.Worker, null, true), (Role.Scheduler, null, false));
    }

    [Fact]
    public async Task Ctrl_C_ends_a_command_with_status_130_and_without_a_stack_trace()
    {
        await _parceler.DoneAsync("repository", "create", "demo", "--command", "true", "--no-sync");
        using var interrupt = new CancellationTokenSource(TimeSpan.FromSeconds(1), TimeProvider.System);
        using var error = new StringWriter();

        var status = await CommandLine.RunAsync(["repository", "sync", "demo", "--wait"], _parceler.Context(TextWriter.Null, error), interrupt.Token);

        status.Should().Be(130);
        error.ToString().Should().Contain("parceler job cancel 1").And.NotContain("   at ").And.NotContain("Exception");
    }

    private static IEnumerable<(Command Command, string[] Path)> Paths(Command command, string[] path) =>
        command.Subcommands.SelectMany(sub => Paths(sub, [.. path, sub.Name])).Prepend((command, path));
}
