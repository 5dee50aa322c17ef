using Parceler.Formats.Apt;
using Parceler.Tests.Feeds;
using Parceler.Tests.Support;
using Parceler.Tests.Upstreams.Mirrors;

namespace Parceler.Tests.Scenarios;

/// <summary>Real clients against the executable, whose repositories are mirrored without a command.</summary>
[Trait("Speed", "slow")]
public sealed class MirroredClientsTests : IAsyncLifetime
{
    private readonly SampleFeeds _feeds = new();
    private readonly InstalledParceler _parceler = new();
    private FaultyUpstream _upstream = null!;
    private RunningParceler _service = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _upstream = await FaultyUpstream.StartAsync(_feeds[""]);
        _service = await _parceler.StartAsync("serve");
        await _parceler.AddMachineAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _upstream.DisposeAsync();
        _parceler.Dispose();
        _feeds.Dispose();
    }

    [Fact]
    public async Task Apt_installs_and_upgrades_from_a_mirror()
    {
        _feeds.AddDeb("alpha", "1.0-1");
        _feeds.AddDeb("beta", "2-1", "all");
        PublishApt();
        var key = _parceler.Folder.Write("archive.asc", SampleFeeds.OpenPgpKey.ToPublicText());
        await MirrorAsync("debian", "apt", $"{_upstream.Address}/{SampleFeeds.AptRoot}", "--suite", "stable", "--trust", key);

        using var apt = await AptRoot.UpdatedAsync(AddressOf("debian"), key);
        (await apt.InstallAsync("install", "alpha")).Should().Be("alpha 1.0-1 installed\n");

        _feeds.AddDeb("alpha", "1.1-1");
        PublishApt();
        await _parceler.DoneAsync("repository", "release", "debian", "--now", "--wait");
        (await apt.UpdateAsync()).Succeeded();
        (await apt.InstallAsync("dist-upgrade")).Should().Be("alpha 1.1-1 installed\n");
    }

    [Theory]
    [InlineData("flat", "./", "./")]
    [InlineData("flat", "/", "/")]
    [InlineData("", "flat/", "flat/")]
    public async Task Apt_installs_and_upgrades_from_a_mirror_of_a_flat_suite(string root, string suite, string line)
    {
        Publish("1.0-1");
        var key = _parceler.Folder.Write("archive.asc", SampleFeeds.OpenPgpKey.ToPublicText());
        await MirrorAsync("vendor", "apt", $"{_upstream.Address}/{root}", "--suite", suite, "--trust", key);

        using var apt = new AptRoot(AddressOf("vendor"), key, suite: line);
        (await apt.UpdateAsync()).Succeeded();
        (await apt.InstallAsync("install", "alpha")).Should().Be("alpha 1.0-1 installed\n");

        Publish("1.1-1");
        await _parceler.DoneAsync("repository", "release", "vendor", "--now", "--wait");
        (await apt.UpdateAsync()).Succeeded();
        (await apt.InstallAsync("dist-upgrade")).Should().Be("alpha 1.1-1 installed\n");
        (await _parceler.DoneAsync("package", "search", "alpha", "--repository", "vendor")).Lines.Should().HaveCount(2);
        const string dotted = "/repository/community/vendor/./README";
        (await RawRequest.SendAsync(_parceler.Address, "GET", dotted)).Status.Should().Be(400, "apt sends its credentials at once");
        (await RawRequest.SendAsync(_parceler.Address, "GET", dotted, ("Authorization", RawRequest.Basic(InstalledParceler.Machine, InstalledParceler.Secret)))).Status.Should().Be(404);

        void Publish(string version)
        {
            _feeds.AddDeb("alpha", version, folder: "flat");
            _feeds.WriteFlatIndex(root.Length == 0 ? "." : root, root.Length == 0 ? "flat" : ".");
        }
    }

    [Fact]
    public async Task Dnf_installs_and_upgrades_from_a_mirror()
    {
        _feeds.AddRpm("alpha", "1.0");
        PublishRpm("7");
        var key = _parceler.Folder.Write("rpm.asc", SampleFeeds.OpenPgpKey.ToPublicText());
        await MirrorAsync("el", "rpm", $"{_upstream.Address}/{SampleFeeds.RpmFolder}", "--trust", key);
        var address = new Uri(_parceler.Address, "/repository/community/el");
        _parceler.Folder.Write("dnf.conf", $"[main]\nplugins=0\nreposdir=/nowhere\ncachedir={_parceler.Folder["dnf"]}\nlogdir={_parceler.Folder["log"]}\n"
            + $"[el]\nname=el\nbaseurl={address}\nusername={InstalledParceler.Machine}\npassword={InstalledParceler.Secret}\nrepo_gpgcheck=1\ngpgcheck=0\ngpgkey=file://{key}\n");
        var dnf = new RealClient(_parceler.Folder.Path);

        await DnfAsync("install", "alpha");
        (await InstalledAsync()).Should().Be("alpha-1.0-1.noarch");

        _feeds.AddRpm("alpha", "1.1");
        PublishRpm("8");
        await _parceler.DoneAsync("repository", "release", "el", "--now", "--wait");
        await DnfAsync("upgrade", "--refresh");
        (await InstalledAsync()).Should().Be("alpha-1.1-1.noarch");

        async Task DnfAsync(params string[] words) =>
            (await dnf.RunAsync("dnf", ["--assumeyes", "--config", _parceler.Folder["dnf.conf"], "--installroot", _parceler.Folder["root"], "--releasever", "1", .. words])).Succeeded();

        async Task<string> InstalledAsync() => (await dnf.RunAsync("rpm", "--root", _parceler.Folder["root"], "-qa", "alpha")).Succeeded().Output.Trim();
    }

    [Fact]
    public async Task Debian_itself_is_mirrored_with_the_keys_of_its_archive()
    {
        var (uri, suite, keyring) = SecurityOfThisMachine();
        await MirrorAsync("security", "apt", uri, "--suite", suite, "--component", "contrib", "--arch", "amd64", "--trust", keyring);

        using var apt = new AptRoot(AddressOf("security"), keyring, suite: $"{suite} contrib");
        (await apt.UpdateAsync()).Succeeded();

        var names = await apt.NamesAsync();
        names.Should().NotBeEmpty();
        (await apt.DownloadAsync(names[0])).Should().StartWith("!<arch>"u8.ToArray());
        await _parceler.DoneAsync("repository", "sync", "security", "--wait");
        (await _parceler.DoneAsync("repository", "snapshots", "security", "--json")).Json[1].GetProperty("newBytes").GetInt64().Should().Be(0);
    }

    [Fact]
    public async Task A_kill_in_the_middle_of_a_mirror_serves_nothing_and_what_came_is_not_asked_for_again()
    {
        for (var number = 10; number < 30; number++)
        {
            _feeds.Write($"tree/{number}.txt", $"content {number}");
        }

        _feeds.Shell("cd tree && sha256sum [0-9]* > sha256sums");
        var held = new TaskCompletionSource();
        var served = 0;
        _upstream.Fault = async (http, serve) =>
        {
            if (http.Request.Path.Value!.EndsWith(".txt", StringComparison.Ordinal) && Interlocked.Increment(ref served) is > 11 and var number)
            {
                await Task.Delay(TimeSpan.FromSeconds(number == 12 ? 11 : 60), TimeProvider.System, http.RequestAborted); // past the moment when what came is kept
                if (number == 12)
                {
                    await serve();
                    held.TrySetResult();
                    return;
                }
            }

            await serve();
        };
        await _parceler.DoneAsync("repository", "create", "tree", "--upstream", "http", $"{_upstream.Address}/tree", "--delay", "0", "--sync");
        await held.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Cancellation);
        await Wait.UntilAsync(() => Directory.Exists(_parceler.Folder["storage/blobs"]) && Directory.EnumerateFiles(_parceler.Folder["storage/blobs"], "*", SearchOption.AllDirectories).Count() >= 11, "what came is kept");
        await _service.KillAsync();
        _upstream.Fault = null;
        _upstream.TakeRequests();

        _service = await _parceler.StartAsync("serve");

        await Wait.UntilAsync(async () => await _parceler.ReadAsync("tree", "29.txt") == "content 29", "the sync runs again");
        _upstream.TakeRequests().Count(request => request.EndsWith(".txt 200", StringComparison.Ordinal)).Should().BeLessThanOrEqualTo(9);
        await _parceler.DoneAsync("verify");
    }

    private async Task MirrorAsync(string name, string kind, string url, params string[] options)
    {
        await _parceler.DoneAsync(["repository", "create", name, "--upstream", kind, url, "--delay", "0", "--no-sync", .. options]);
        await _parceler.DoneAsync("repository", "sync", name, "--wait");
        await Wait.UntilAsync(async () => (await _parceler.DoneAsync("repository", "list", "--json")).Json.EnumerateArray().All(repository => repository.GetProperty("servedSnapshot").ValueKind == System.Text.Json.JsonValueKind.String), "it is served");
    }

    private Uri AddressOf(string name) =>
        new UriBuilder(new Uri(_parceler.Address, $"/repository/community/{name}")) { UserName = InstalledParceler.Machine, Password = InstalledParceler.Secret }.Uri;

    private void PublishApt()
    {
        _feeds.WriteAptIndex("-o APT::FTPArchive::Release::Components=main -o APT::FTPArchive::Release::Architectures=amd64 -o APT::FTPArchive::Release::Acquire-By-Hash=yes");
        _feeds.SignApt();
    }

    private void PublishRpm(string revision)
    {
        _feeds.WriteRpmIndex(revision);
        _feeds.SignRpm();
    }

    // What the apt of this machine has for security, of Debian itself.
    private static (string Uri, string Suite, string Keyring) SecurityOfThisMachine()
    {
        foreach (var file in Directory.GetFiles("/etc/apt/sources.list.d", "*.sources"))
        {
            var lines = File.ReadAllLines(file).Where(line => !line.StartsWith('#')).Select(line => $"{line}\n");
            using var content = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(string.Concat(lines)));
            foreach (var stanza in DebStanzas.Read(content).Select(stanza => stanza.Copy()))
            {
                var suite = (stanza["Suites"] ?? "").Split([' ', '\n']).FirstOrDefault(name => name.EndsWith("-security", StringComparison.Ordinal));
                if (suite is not null && stanza["Signed-By"] is { } keyring && keyring.Contains("debian-archive", StringComparison.Ordinal))
                {
                    return (stanza["URIs"]!.Split(' ')[0], suite, keyring);
                }
            }
        }

        Assert.Skip("the apt of this machine has no security suite of Debian");
        return default;
    }
}
