using Parceler.Tests.Cli;
using Parceler.Tests.Support;

namespace Parceler.Tests.Scenarios;

/// <summary>Trees that are not whole or not genuine, and what becomes of them; the upstream is a copy of the signed sample feed.</summary>
public sealed class GateTests : IDisposable
{
    private const string Base = "23.05.5/packages/x86_64/base";
    private readonly TestCommands _parceler = new();

    public GateTests()
    {
        _parceler.Settings["GATE_TRIES"] = "1";
        _parceler.Settings["GATE_WAIT_S"] = "0";
        Copy(Path.Combine(SampleFolder.Path, "feed"), Upstream);
    }

    private string Upstream => _parceler.Folder["upstream"];

    private static string Key => Path.Combine(SampleFolder.Path, "feed-key.pub");

    public void Dispose() => _parceler.Dispose();

    [Fact]
    public async Task A_missing_package_makes_no_snapshot_and_what_was_served_stays()
    {
        await CreateAsync();
        var package = APackage();
        File.Delete(package);

        var error = await FailingSyncAsync();

        error.Should().Contain(Base).And.Contain(Path.GetFileName(package)).And.Contain("is missing").And.Contain("--gate warn");
        (await SnapshotsAsync()).Should().Be(1);
        (await _parceler.DoneAsync("repository", "list")).Out.Should().Contain("failed");
    }

    [Fact]
    public async Task A_package_of_other_bytes_makes_no_snapshot()
    {
        await CreateAsync();
        File.AppendAllText(APackage(), "x");

        (await FailingSyncAsync()).Should().Contain("bytes, but the index says");
    }

    [Fact]
    public async Task An_upstream_that_is_still_being_written_is_waited_for()
    {
        await CreateAsync();
        var package = APackage();
        File.Move(package, _parceler.Folder["late"]);
        _parceler.Settings["GATE_TRIES"] = "2";
        var upload = $"if [ -e '{_parceler.Folder["second"]}' ]; then mv -n '{_parceler.Folder["late"]}' '{package}'; fi; touch '{_parceler.Folder["second"]}'";
        await _parceler.DoneAsync("repository", "edit", "demo", "--command", $"{upload}; {Command}");

        await _parceler.SyncAsync("demo");

        (await SnapshotsAsync()).Should().Be(2);
        (await _parceler.DoneAsync("job", "show", "2")).Out.Should().Contain("upstream may still be writing").And.Contain("try 2 of 2");
    }

    [Fact]
    public async Task A_signature_that_does_not_fit_fails_at_once()
    {
        await CreateAsync("--trust", Key);
        _parceler.Settings["GATE_TRIES"] = "5";
        _parceler.Settings["GATE_WAIT_S"] = "3600"; // it would be noticed
        File.WriteAllText(Path.Combine(Upstream, Base, "Packages.sig"), File.ReadAllText(Path.Combine(Upstream, Base, "Packages.sig")).Replace("A", "B", StringComparison.Ordinal));

        (await FailingSyncAsync()).Should().Contain(Base).And.Contain("not genuine");
    }

    [Fact]
    public async Task A_feed_is_proven_by_a_trusted_key_and_the_list_says_so()
    {
        await CreateAsync();
        (await SignedAsync()).Should().Be("unsigned");

        await _parceler.DoneAsync("repository", "trust", "add", "demo", Key);
        File.WriteAllText(Path.Combine(Upstream, "latest_release"), "24.10.0\n");
        await _parceler.SyncAsync("demo");

        (await SignedAsync()).Should().Be("signed");
        (await _parceler.DoneAsync("repository", "trust", "list", "demo")).Out.Should().Contain("feed-key.pub\tusign\t");
    }

    [Fact]
    public async Task A_gate_that_warns_lets_the_tree_through_and_says_what_is_wrong_with_it()
    {
        await CreateAsync("--gate", "warn");
        File.Delete(APackage());

        await _parceler.SyncAsync("demo");

        (await SnapshotsAsync()).Should().Be(2);
        (await _parceler.DoneAsync("repository", "show", "demo")).Out.Should().Contain("is missing");
        (await _parceler.DoneAsync("job", "show", "2")).Out.Should().Contain("gate: let through: opkg feed");
    }

    [Fact]
    public async Task A_gate_that_is_off_looks_at_nothing()
    {
        await CreateAsync("--gate", "off");
        File.Delete(APackage());

        await _parceler.SyncAsync("demo");

        (await SnapshotsAsync()).Should().Be(2);
        (await _parceler.DoneAsync("job", "show", "2")).Out.Should().NotContain("is missing");
    }

    [Fact]
    public async Task An_index_that_comes_back_is_refused_until_an_operator_accepts_it()
    {
        await CreateAsync();
        Copy(Upstream, _parceler.Folder["old"]);
        RemoveOneFromIndex();
        await _parceler.SyncAsync("demo");
        Copy(_parceler.Folder["old"], Upstream);

        var error = await FailingSyncAsync();
        await _parceler.DoneAsync("repository", "sync", "demo", "--accept-rollback");
        await _parceler.WorkAsync();

        error.Should().Contain("--accept-rollback");
        (await SnapshotsAsync()).Should().Be(3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_feed_that_was_broken_before_does_not_block_the_others(bool frozen)
    {
        File.Delete(APackage());
        await CreateAsync("--gate", "warn");
        await _parceler.DoneAsync("repository", "edit", "demo", "--gate", "strict");
        File.WriteAllText(Path.Combine(Upstream, "latest_release"), "24.10.0\n");
        if (frozen)
        {
            Directory.CreateDirectory(Path.Combine(_parceler.Storage, "emergency"));
            File.WriteAllText(Path.Combine(_parceler.Storage, "emergency/a.txt"), "a");
            await _parceler.DoneAsync("repository", "freeze", "demo", "emergency"); // a snapshot that is none of upstream
        }

        await _parceler.SyncAsync("demo");

        (await SnapshotsAsync()).Should().Be(frozen ? 3 : 2);
    }

    [Fact]
    public async Task What_was_let_through_stays_on_record_while_it_is_there()
    {
        await CreateAsync("--gate", "warn");
        var package = APackage();
        File.Move(package, _parceler.Folder["kept"]);
        await _parceler.SyncAsync("demo");
        await _parceler.DoneAsync("repository", "edit", "demo", "--gate", "strict");
        for (var day = 0; day < 2; day++)
        {
            File.WriteAllText(Path.Combine(Upstream, "latest_release"), "24.10.0\n"); // on the second day nothing changes at all
            await _parceler.SyncAsync("demo");
            (await LetThroughAsync()).Should().ContainSingle().Which.Should().EndWith($"{Path.GetFileName(package)}' is missing");
        }

        (await _parceler.DoneAsync("job", "show", "4")).Out.Should().Contain("gate: let through before, and unchanged: opkg feed");
        File.Move(_parceler.Folder["kept"], package);
        await _parceler.SyncAsync("demo");
        (await LetThroughAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task A_feed_whose_index_became_something_else_is_not_gone()
    {
        await CreateAsync();
        Array.ForEach(Directory.GetFiles(Path.Combine(Upstream, Base)), File.Delete);
        File.WriteAllText(Path.Combine(Upstream, Base, "Packages.gz"), "<html>try again later</html>\n");

        (await FailingSyncAsync()).Should().Contain(Base).And.Contain("can't be read");
    }

    [Fact]
    public async Task A_file_that_is_only_named_like_an_index_is_a_file()
    {
        File.WriteAllText(Path.Combine(Upstream, "Packages"), "a list of what to pack\n");
        File.WriteAllText(Path.Combine(Upstream, "Release"), "notes\n");

        await CreateAsync();

        (await SnapshotsAsync()).Should().Be(1);
    }

    [Fact]
    public async Task Trusted_keys_survive_a_lost_database_and_go_by_name()
    {
        await CreateAsync("--trust", Key);
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Array.ForEach(Directory.GetFiles(_parceler.Storage, "database.sqlite*"), File.Delete);
        await _parceler.DoneAsync("recover");
        var kept = await _parceler.DoneAsync("repository", "trust", "list", "demo", "--json");

        await _parceler.DoneAsync("repository", "trust", "remove", "demo", "feed-key.pub");

        kept.Json[0].GetProperty("kind").GetString().Should().Be("usign");
        (await _parceler.DoneAsync("repository", "trust", "list", "demo")).Error.Should().Contain("trusts no key");
        (await _parceler.RunAsync("repository", "trust", "remove", "demo", "feed-key.pub")).Error.Should().Contain("trusts no key 'feed-key.pub'");
    }

    [Theory]
    [InlineData("can't be read", "nowhere.pub")]
    [InlineData("secret key", "feed-key.sec")]
    [InlineData("no public key", "README.md")]
    public async Task A_file_that_is_no_public_key_is_refused(string says, string file)
    {
        await CreateAsync();

        var refused = await _parceler.RunAsync("repository", "trust", "add", "demo", Path.Combine(SampleFolder.Path, file));

        refused.Status.Should().Be(1);
        refused.Error.Should().Contain(file).And.Contain(says);
    }

    private string Command => $"rm -rf source/demo/*; cp -a '{Upstream}/.' source/demo/";

    private async Task CreateAsync(params string[] options)
    {
        await _parceler.DoneAsync(["repository", "create", "demo", "--command", Command, .. options]);
        await _parceler.WorkAsync();
        (await SnapshotsAsync()).Should().Be(1);
    }

    private async Task<string> FailingSyncAsync()
    {
        await _parceler.SyncAsync("demo");
        var last = (await _parceler.DoneAsync("repository", "list", "--json")).Json[0].GetProperty("lastSync");
        last.GetProperty("state").GetString().Should().Be("failed");
        (await _parceler.DoneAsync("job", "list")).Lines[0].Should().Contain("failed"); // for good: it does not wait for a retry
        return last.GetProperty("error").GetString()!;
    }

    private async Task<IEnumerable<string?>> LetThroughAsync() =>
        (await _parceler.DoneAsync("repository", "show", "demo", "--json")).Json.GetProperty("letThrough").EnumerateArray().Select(line => line.GetString());

    private async Task<int> SnapshotsAsync() => (await _parceler.DoneAsync("repository", "snapshots", "demo", "--json")).Json.GetArrayLength();

    private async Task<string?> SignedAsync() => (await _parceler.DoneAsync("repository", "list", "--json")).Json[0].GetProperty("signed").GetString();

    private string APackage() => Directory.GetFiles(Path.Combine(Upstream, Base), "*.ipk").Order(StringComparer.Ordinal).First();

    private void RemoveOneFromIndex()
    {
        var folder = Path.Combine(Upstream, Base);
        var stanzas = File.ReadAllText(Path.Combine(folder, "Packages")).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        File.WriteAllText(Path.Combine(folder, "Packages"), string.Join("\n\n", stanzas[1..]) + "\n\n");
        using var packed = new System.IO.Compression.GZipStream(File.Create(Path.Combine(folder, "Packages.gz")), System.IO.Compression.CompressionLevel.Optimal);
        packed.Write(File.ReadAllBytes(Path.Combine(folder, "Packages")));
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }
    }
}
