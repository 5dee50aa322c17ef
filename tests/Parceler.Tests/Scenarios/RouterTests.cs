using Parceler.Formats.Opkg;
using Parceler.Formats.Signing;
using Parceler.Tests.Support;

namespace Parceler.Tests.Scenarios;

/// <summary>What a router runs: wget under opkg, curl in its scripts, and the check of the index against its signature.</summary>
[Trait("Speed", "slow")]
public sealed class RouterTests : IDisposable
{
    private const string Feed = "packages/x86_64/netsec";
    private const string Package = "netsec-hello_1.0+git1~2-r1_x86_64.ipk";
    private static readonly UsignSecretKey s_key = UsignSecretKey.Generate();
    private readonly TempFolder _folder = new();
    private readonly RealClient _router;

    public RouterTests() => _router = new(_folder.Path);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Wget_asks_without_its_credentials_first_and_again_with_them()
    {
        await using var parceler = await StartAsync();

        (await WgetAsync(AddressOf(parceler, $"{Feed}/Packages.gz", TestParceler.Machine, TestParceler.Secret), "Packages.gz")).Succeeded();

        (await File.ReadAllBytesAsync(_folder["Packages.gz"], Cancellation)).Should().Equal(await File.ReadAllBytesAsync(UpstreamFile(parceler, "Packages.gz"), Cancellation));
        Requests(parceler).Should().Equal(
            $"- GET /repository/enterprise/netsec/{Feed}/Packages.gz 401 0",
            $"{TestParceler.Machine} GET /repository/enterprise/netsec/{Feed}/Packages.gz 200 {new FileInfo(_folder["Packages.gz"]).Length}"
        );
        parceler.Licences.Calls.Should().ContainSingle("the first request is refused from memory");
    }

    [Fact]
    public async Task The_index_that_wget_brings_is_the_one_that_was_signed()
    {
        await using var parceler = await StartAsync();
        foreach (var file in new[] { "Packages.gz", "Packages.sig" })
        {
            (await WgetAsync(AddressOf(parceler, $"{Feed}/{file}", TestParceler.Machine, TestParceler.Secret), file)).Succeeded();
        }

        _folder.Write("key.pub", s_key.PublicKey.ToText());
        (await _router.RunAsync("gunzip", "Packages.gz")).Succeeded();
        (await VerifyAsync()).Succeeded().Output.Should().Be("Signature Verified\n");

        await File.AppendAllTextAsync(_folder["Packages"], "x", Cancellation);
        (await VerifyAsync()).ExitCode.Should().NotBe(0);
    }

    [Fact]
    public async Task Wget_gets_a_package_whose_plus_is_plain_or_encoded()
    {
        await using var parceler = await StartAsync();
        var expected = await File.ReadAllBytesAsync(UpstreamFile(parceler, Package), Cancellation);
        foreach (var name in new[] { Package, Package.Replace("+", "%2b", StringComparison.Ordinal), Package.Replace("+", "%2B", StringComparison.Ordinal).Replace("~", "%7E", StringComparison.Ordinal) })
        {
            (await WgetAsync(AddressOf(parceler, $"{Feed}/{name}", TestParceler.Machine, TestParceler.Secret), "package")).Succeeded();
            (await File.ReadAllBytesAsync(_folder["package"], Cancellation)).Should().Equal(expected);
        }
    }

    [Fact]
    public async Task Wget_decodes_credentials_that_an_address_has_to_encode()
    {
        await using var parceler = await StartAsync();
        parceler.Licences.Allow("router@site", "p:w/d");

        (await WgetAsync(AddressOf(parceler, $"{Feed}/Packages", "router%40site", "p%3Aw%2Fd"), "Packages")).Succeeded();

        parceler.Licences.CallsOf("router@site", "p:w/d").Should().Be(1);
    }

    [Fact]
    public async Task Wget_is_refused_with_a_wrong_secret_and_keeps_nothing()
    {
        await using var parceler = await StartAsync();

        var run = await WgetAsync(AddressOf(parceler, $"{Feed}/Packages", TestParceler.Machine, "wrong"), "Packages");

        run.ExitCode.Should().Be(8, "it is what wget says to any answer that is an error");
        run.Output.Should().Contain("ERROR 403");
        new FileInfo(_folder["Packages"]).Should().Match<FileInfo>(file => !file.Exists || file.Length == 0);
    }

    [Fact]
    public async Task Curl_sees_from_the_head_of_a_file_what_it_would_get()
    {
        await using var parceler = await StartAsync();

        var run = (await CurlAsync(parceler, Package, "--head")).Succeeded();

        run.Output.Should().StartWith("HTTP/1.1 200 OK").And.Contain($"Content-Length: {new FileInfo(UpstreamFile(parceler, Package)).Length}").And.Contain("application/vnd.openwrt.ipk");
    }

    [Fact]
    public async Task Curl_resumes_what_it_has_a_part_of()
    {
        await using var parceler = await StartAsync();
        var whole = await File.ReadAllBytesAsync(UpstreamFile(parceler, Package), Cancellation);
        await File.WriteAllBytesAsync(_folder["package"], whole[..100], Cancellation);

        var run = (await CurlAsync(parceler, Package, "--continue-at", "-", "--output", "package", "--write-out", "%{http_code} %{size_download}")).Succeeded();

        run.Output.Should().Be($"206 {whole.Length - 100}");
        (await File.ReadAllBytesAsync(_folder["package"], Cancellation)).Should().Equal(whole);
    }

    [Fact]
    public async Task Wget_resumes_what_it_has_a_part_of()
    {
        await using var parceler = await StartAsync();
        var whole = await File.ReadAllBytesAsync(UpstreamFile(parceler, Package), Cancellation);
        await File.WriteAllBytesAsync(_folder[Package], whole[..100], Cancellation);

        (await _router.RunAsync("wget", "--no-config", "--continue", AddressOf(parceler, $"{Feed}/{Package}", TestParceler.Machine, TestParceler.Secret))).Succeeded();

        (await File.ReadAllBytesAsync(_folder[Package], Cancellation)).Should().Equal(whole);
        Requests(parceler).Should().ContainSingle(line => line.Contains($" 206 {whole.Length - 100}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Curl_gets_an_index_again_only_after_a_switch_even_if_its_file_is_younger()
    {
        await using var parceler = await StartAsync();
        (await CurlAsync(parceler, "Packages", "--remote-time", "--output", "Packages")).Succeeded();
        (await IfChangedAsync(parceler)).Should().Be("304");

        await BuildAsync(parceler, "netsec-hello-again", "1.0-r1");
        await parceler.PassAsync(days: 9);

        (await IfChangedAsync(parceler)).Should().Be("200");
        (await File.ReadAllTextAsync(_folder["Packages.new"], Cancellation)).Should().Contain("Package: netsec-hello-again\n");
        var downloadedAt = $"If-Modified-Since: {parceler.Clock.GetUtcNow():r}"; // curl itself would say no to an answer older than its file
        (await CurlAsync(parceler, "Packages", "--header", downloadedAt, "--output", "Packages.new", "--write-out", "%{http_code}")).Succeeded().Output
            .Should().Be("200", "the time of a download says nothing about its content");
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<TestParceler> StartAsync()
    {
        var parceler = await TestParceler.StartAsync(new() { ["DELIVERY_LOG"] = "on" });
        await BuildAsync(parceler, "netsec-hello", "1.0+git1~2-r1");
        await parceler.CreateAsync("netsec");
        return parceler;
    }

    private static async Task BuildAsync(TestParceler parceler, string name, string version)
    {
        var folder = Path.Combine(parceler.UpstreamOf("netsec"), Feed);
        Directory.CreateDirectory(folder);
        var control = OpkgStanzas.Parse($"Package: {name}\nVersion: {version}\nArchitecture: x86_64\nDescription:  Says hello\n").Single();
        await File.WriteAllBytesAsync(Path.Combine(folder, $"{name}_{version}_x86_64.ipk"), new IpkWriter(DateTimeOffset.UnixEpoch).Write(new(control, [new("usr/bin/hello", "hello\n"u8.ToArray())])), Cancellation);
        new OpkgFeed(folder, "x86_64").WriteIndex(s_key);
    }

    private static string UpstreamFile(TestParceler parceler, string name) => Path.Combine(parceler.UpstreamOf("netsec"), Feed, name);

    private static string AddressOf(TestParceler parceler, string path, string id, string secret) =>
        $"http://{id}:{secret}@{parceler.Address.Authority}/repository/enterprise/netsec/{path}";

    // as opkg calls it
    private Task<ClientRun> WgetAsync(string address, string file) => _router.RunAsync("wget", "--no-config", "--no-check-certificate", "--no-verbose", "-O", file, address);

    private Task<ClientRun> CurlAsync(TestParceler parceler, string name, params string[] options) =>
        _router.RunAsync("curl", ["--disable", "--silent", "--fail", "-u", $"{TestParceler.Machine}:{TestParceler.Secret}", .. options, $"{parceler.Address}repository/enterprise/netsec/{Feed}/{name}"]);

    private async Task<string> IfChangedAsync(TestParceler parceler) =>
        (await CurlAsync(parceler, "Packages", "--time-cond", "Packages", "--output", "Packages.new", "--write-out", "%{http_code}")).Succeeded().Output;

    private Task<ClientRun> VerifyAsync() => _router.RunAsync("signify-openbsd", "-V", "-p", "key.pub", "-x", "Packages.sig", "-m", "Packages");

    // Machine, method, target, status and length of each request, of the service's own log.
    private static List<string> Requests(TestParceler parceler) =>
        [.. parceler.Log.Lines.Where(line => line.StartsWith("Information: 127.0.0.1 ", StringComparison.Ordinal)).Select(line => string.Join(' ', line.Split(' ')[2..7]))];
}
