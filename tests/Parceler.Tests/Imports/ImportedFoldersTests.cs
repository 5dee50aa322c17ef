using System.Text.Json;
using Parceler.Tests.Cli;
using Parceler.Tests.Support;
using static Parceler.Tests.Imports.ImportTests;
using static Parceler.Tests.Imports.LaravelProgram;

namespace Parceler.Tests.Imports;

/// <summary>Folders that are no whole snapshots, and freezes: told in the report, and never the end of the rest.</summary>
public sealed class ImportedFoldersTests : IDisposable
{
    private const string Base = "23.05.5/packages/x86_64/base";
    private readonly TestCommands _parceler = new();
    private readonly LaravelProgram _old;

    public ImportedFoldersTests() => _old = new(_parceler.Folder);

    public void Dispose() => _parceler.Dispose();

    [Fact]
    public async Task Folders_that_are_no_snapshots_are_told_and_the_others_come()
    {
        _old.Add("demo");
        var (good, empty, ahead, leaving, twice) = (DaysAgo(3), DaysAgo(2.5), DaysAgo(-3), DaysAgo(2), DaysAgo(1));
        _old.Write("demo", good, "file", "one");
        _old.Write("demo", empty, "below/");
        _old.Write("demo", ahead, "file", "one");
        _old.Write("demo", leaving, "file", "one");
        File.CreateSymbolicLink(_old.PathOf("demo", leaving, "link"), "/etc/hostname");
        _old.Write("demo", twice, "file", "two");
        _old.Write("demo", DateTimeOffset.Parse(twice, null).ToOffset(TimeSpan.FromHours(5)).ToString("yyyy-MM-dd'T'HH:mm:sszzz", null), "file", "three");
        _old.Write("demo", "2026-13-40T00:00:00+00:00", "file", "one");
        _old.Write("demo", ".trash", "file", "one");

        var printed = await _parceler.RunAsync([.. _old.Command, "--json"]);

        printed.Status.Should().Be(1);
        var states = RepositoryOf(printed.Json, "demo").GetProperty("snapshots").EnumerateArray().ToLookup(snapshot => snapshot.GetProperty("state").GetString());
        FoldersOf(states["taken"]).Should().HaveCount(2).And.Contain(good);
        FoldersOf(states["passedOver"]).Should().BeEquivalentTo("2026-13-40T00:00:00+00:00", ".trash", empty);
        states["leftOut"].Select(snapshot => snapshot.GetProperty("reason").GetString())
            .Should().BeEquivalentTo("its instant is more than a day ahead of this machine's clock", "'link' is a link that leaves the tree", "another folder names the same instant");
    }

    [Fact]
    public async Task Half_a_copy_is_left_out_unless_it_is_asked_for()
    {
        _old.Add("demo");
        var (whole, half) = (DaysAgo(2), DaysAgo(1));
        Copy(Path.Combine(SampleFolder.Path, "feed"), _old.PathOf("demo", whole));
        Copy(Path.Combine(SampleFolder.Path, "feed"), _old.PathOf("demo", half));
        File.Delete(Directory.EnumerateFiles(_old.PathOf("demo", half, Base), "*.ipk").First());

        var printed = await _parceler.RunAsync([.. _old.Command, "--json"]);

        printed.Status.Should().Be(1);
        StatesOf(printed.Json, "demo").Should().Equal((whole, "taken"), (half, "leftOut"));
        RepositoryOf(printed.Json, "demo").GetProperty("snapshots")[1].GetProperty("reason").GetString().Should().Contain("the gate finds it not whole").And.Contain("is missing");

        var asked = await _parceler.DoneAsync([.. _old.Command, "--include-damaged", "--json"]);
        StatesOf(asked.Json, "demo").Should().Equal((whole, "there"), (half, "taken"));
        RepositoryOf(asked.Json, "demo").GetProperty("snapshots")[1].GetProperty("remarks")[0].GetString().Should().Contain("not whole, and taken over all the same");
        (await _parceler.DoneAsync("repository", "show", "demo")).Out.Should().Contain("is missing");
    }

    [Fact]
    public async Task A_snapshot_with_far_fewer_files_than_the_one_before_is_told()
    {
        _old.Add("demo");
        for (var file = 0; file < 20; file++)
        {
            _old.Write("demo", DaysAgo(2), $"file{file}", "one");
        }

        _old.Write("demo", DaysAgo(1), "file0", "one");

        (await _parceler.DoneAsync(_old.Command)).Error.Should().Contain("1 files, and 20 in the snapshot before: it may be half a copy");
    }

    [Theory]
    [InlineData("")]
    [InlineData("snapshots/demo/")]
    public async Task A_freeze_at_a_snapshot_is_one_here(string before)
    {
        var (old, newer) = (DaysAgo(20, offsetHours: 2), DaysAgo(1));
        _old.Add("demo", freeze: before + old);
        _old.Write("demo", old, "file", "one");
        _old.Write("demo", newer, "file", "two");

        var printed = (await _parceler.DoneAsync([.. _old.Command, "--json"])).Json;

        var served = RepositoryOf(printed, "demo").GetProperty("served");
        served.GetProperty("here").GetString().Should().Be(Utc(old));
        served.GetProperty("reason").GetString().Should().Be("frozen");
        served.GetProperty("same").GetBoolean().Should().BeTrue();
        await ShouldBeFrozenAsync(Utc(old));
    }

    [Fact]
    public async Task A_freeze_at_what_is_gone_lets_nothing_newer_out()
    {
        var (before, after) = (DaysAgo(5), DaysAgo(1));
        _old.Add("demo", freeze: DaysAgo(3));
        _old.Write("demo", before, "file", "one");
        _old.Write("demo", after, "file", "two");

        var printed = await _parceler.DoneAsync([.. _old.Command, "--json"]);

        var repository = RepositoryOf(printed.Json, "demo");
        repository.GetProperty("served").GetProperty("there").ValueKind.Should().Be(JsonValueKind.Null);
        repository.GetProperty("served").GetProperty("here").GetString().Should().Be(Utc(before));
        repository.GetProperty("served").GetProperty("same").GetBoolean().Should().BeFalse();
        repository.GetProperty("remarks")[0].GetString().Should().Contain("which is not here: frozen at " + Utc(before));
    }

    [Fact]
    public async Task A_freeze_at_a_path_that_is_not_there_becomes_one_at_what_is_served()
    {
        var (first, second) = (DaysAgo(5), DaysAgo(1));
        _old.Add("demo", freeze: "golden");
        _old.Write("demo", first, "file", "one");
        _old.Write("demo", second, "file", "two");

        await _parceler.DoneAsync(_old.Command);

        await ShouldBeFrozenAsync(Utc(first));
    }

    [Fact]
    public async Task A_freeze_at_a_folder_without_an_instant_is_taken_in_for_the_freeze_alone()
    {
        _old.Add("demo", freeze: "golden");
        _old.Write("demo", "golden", "file", "the golden one");
        _old.Write("demo", DaysAgo(1), "file", "two");

        var printed = await _parceler.DoneAsync([.. _old.Command, "--json"]);

        var served = RepositoryOf(printed.Json, "demo").GetProperty("served");
        served.GetProperty("there").GetString().Should().Be("golden");
        served.GetProperty("same").GetBoolean().Should().BeTrue();
        (await _parceler.DoneAsync("repository", "files", "demo", "--json")).Json[0].GetProperty("size").GetInt64().Should().Be("the golden one".Length);
        (await _parceler.DoneAsync([.. _old.Command, "--json"])).Json.GetProperty("whole").GetBoolean().Should().BeTrue();
        (await _parceler.DoneAsync("repository", "snapshots", "demo", "--json")).Json.GetArrayLength().Should().Be(2);
    }

    [Fact]
    public async Task A_freeze_that_was_lifted_here_does_not_come_back()
    {
        var old = DaysAgo(4);
        _old.Add("demo", freeze: old, delay: 2);
        _old.Write("demo", old, "file", "one");
        _old.Write("demo", DaysAgo(1), "file", "two");
        await _parceler.DoneAsync(_old.Command);
        await _parceler.DoneAsync("repository", "unfreeze", "demo");

        var again = await _parceler.DoneAsync(_old.Command);

        again.Error.Should().Contain("it is frozen there at").And.Contain("and not here");
        (await ShownAsync()).GetProperty("frozen").GetBoolean().Should().BeFalse();
    }

    [Fact]
    public async Task What_is_served_is_chosen_when_all_is_here()
    {
        var inWindow = DaysAgo(2);
        _old.Add("demo", delay: 7);
        _old.Write("demo", DaysAgo(40), "file", "one");
        _old.Write("demo", DaysAgo(30), "file", "two");
        _old.Write("demo", inWindow, "file", "three");

        var served = RepositoryOf((await _parceler.DoneAsync([.. _old.Command, "--json"])).Json, "demo").GetProperty("served");

        served.GetProperty("there").GetString().Should().Be(inWindow);
        served.GetProperty("here").GetString().Should().Be(Utc(inWindow));
    }

    private async Task ShouldBeFrozenAsync(string snapshot)
    {
        var shown = await ShownAsync();
        shown.GetProperty("frozen").GetBoolean().Should().BeTrue();
        shown.GetProperty("servedSnapshot").GetString().Should().Be(snapshot);
    }

    private async Task<JsonElement> ShownAsync() => (await _parceler.DoneAsync("repository", "list", "--json")).Json[0];

    private static IEnumerable<string?> FoldersOf(IEnumerable<JsonElement> snapshots) => snapshots.Select(snapshot => snapshot.GetProperty("folder").GetString());

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
