using System.Globalization;
using Parceler.Tests.Support;

namespace Parceler.Tests.Deploy;

/// <summary>The nginx configuration that we hand out does what it says, and takes nothing away from what Parceler does.</summary>
[Trait("Speed", "slow")]
public sealed class NginxTests(FrontedParceler fronted) : IClassFixture<FrontedParceler>
{
    private const string Folder = "/repository/enterprise/netsec/";
    private static readonly (string, string) s_machine = ("Authorization", RawRequest.Basic(TestParceler.Machine, TestParceler.Secret));

    private Uri Address => fronted.Nginx.Address;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_has_no_credentials_is_asked_for_them()
    {
        var answer = await RawRequest.SendAsync(Address, "GET", Folder + "Packages.gz");

        answer.Status.Should().Be(401);
        answer["WWW-Authenticate"].Should().StartWith("Basic realm=");
        answer.Body.Should().BeEmpty();
    }

    [Theory]
    [InlineData("small+1~2.ipk", 2000, false)]
    [InlineData("large+1~2.ipk", FrontedParceler.Large, true)]
    [InlineData("Packages.gz", FrontedParceler.Large, false)]
    public async Task A_file_comes_as_Parceler_has_it_whoever_sends_it(string path, int size, bool offloaded)
    {
        var direct = await SendAsync(fronted.Parceler.Address, "GET", path);
        var head = await SendAsync(fronted.Parceler.Address, "HEAD", path);

        var answer = await SendAsync(Address, "GET", path, ("Accept-Encoding", "gzip"));

        answer.Status.Should().Be(200);
        answer.Body.AsSpan().SequenceEqual(FrontedParceler.ContentOf(size)).Should().BeTrue();
        direct.Headers.ContainsKey("X-Accel-Redirect").Should().Be(offloaded);
        answer.Headers.Should().NotContainKey("X-Accel-Redirect");
        foreach (var name in new[] { "Content-Type", "Content-Length", "Content-Encoding", "ETag", "Last-Modified", "Accept-Ranges", "X-Content-Type-Options" })
        {
            answer[name].Should().Be(head[name], name);
        }

        (await SendAsync(Address, "HEAD", path)).Body.Should().BeEmpty();
        (await SendAsync(Address, "HEAD", path))["Content-Length"].Should().Be(size.ToString(CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("small+1~2.ipk", 2000)]
    [InlineData("large+1~2.ipk", FrontedParceler.Large)]
    public async Task Ranges_and_conditions_hold(string path, int size)
    {
        var whole = await SendAsync(Address, "GET", path);
        var (tag, modified) = (whole["ETag"]!, whole["Last-Modified"]!);

        var part = await SendAsync(Address, "GET", path, ("Range", "bytes=1000-"), ("If-Range", tag));
        part.Status.Should().Be(206);
        part.Body.Should().Equal(FrontedParceler.ContentOf(size)[1000..]);
        (await SendAsync(Address, "GET", path, ("Range", "bytes=1000-"), ("If-Range", "\"other\""))).Body.Should().HaveCount(size);
        (await SendAsync(Address, "GET", path, ("Range", "bytes=0-1,5-6"))).Body.Should().HaveCount(size);
        var beyond = await SendAsync(Address, "GET", path, ("Range", $"bytes={size}-"));
        beyond.Status.Should().Be(416);
        beyond.Body.Should().BeEmpty();
        (await SendAsync(Address, "GET", path, ("If-None-Match", tag))).Status.Should().Be(304);
        (await SendAsync(Address, "GET", path, ("If-Modified-Since", modified))).Status.Should().Be(304);
    }

    [Theory]
    [InlineData("small+1~2.ipk", 200)]
    [InlineData("small%2B1%7E2.ipk", 200)]
    [InlineData("small%2b1%7e2.ipk", 200)]
    [InlineData("./small+1~2.ipk", 400)]
    [InlineData("small 1~2.ipk", 400)]
    [InlineData("small%201~2.ipk", 404)]
    [InlineData("a/../small+1~2.ipk", 400)]
    [InlineData("a/%2e%2e/small+1~2.ipk", 400)]
    [InlineData("a%2F..%2Fsmall+1~2.ipk", 400)]
    [InlineData("/small+1~2.ipk", 400)]
    [InlineData("a%2Fsmall+1~2.ipk", 400)]
    [InlineData("a\\small", 400)]
    [InlineData("small%00", 400)]
    [InlineData("%zz", 400)]
    [InlineData("../../../../etc/passwd", 400)]
    [InlineData("absent", 404)]
    public async Task A_target_is_judged_as_it_was_sent(string path, int status)
    {
        var answer = await SendAsync(Address, "GET", path);

        answer.Status.Should().Be(status);
        answer.Body.Should().HaveCount(status == 200 ? 2000 : 0);
    }

    [Fact]
    public async Task Nobody_reaches_a_blob_without_being_entitled()
    {
        var blob = (await SendAsync(fronted.Parceler.Address, "GET", "large+1~2.ipk"))["X-Accel-Redirect"]!;

        foreach (var target in new[] { blob, "/" + blob, "/repository/.." + blob, blob.Replace("/x-accel", "/%78-accel", StringComparison.Ordinal) })
        {
            var answer = await RawRequest.SendAsync(Address, "GET", target, s_machine);
            answer.Status.Should().BeOneOf(400, 404);
            answer.Body.Should().BeEmpty();
        }
    }

    [Fact]
    public async Task What_nginx_refuses_itself_has_no_page()
    {
        var long_ = new string('x', 40_000);

        (await RawRequest.SendAsync(Address, "GET", "/" + long_)).Body.Should().BeEmpty();
        (await RawRequest.SendAsync(Address, "GET", "/", ("X", long_))).Body.Should().BeEmpty();
        (await RawRequest.SendAsync(Address, "TRACE", "/")).Body.Should().BeEmpty();
        (await RawRequest.SendAsync(Address, "POST", "/repository/netsec/release", ("Content-Length", "100000"))).Body.Should().BeEmpty();
    }

    [Fact]
    public async Task The_api_gets_bodies_as_large_as_keys_are()
    {
        using var folder = new TempFolder();
        folder.Write("body", $$"""{"name":"nobody","password":"{{new string('x', 200_000)}}"}""");
        var curl = new RealClient(folder.Path);

        var run = await curl.RunAsync("curl", "-sS", "--cacert", fronted.Certificates.Root, "-H", "Content-Type: application/json", "--data", "@body", new Uri(Address, "/api/v1/sessions").AbsoluteUri);

        run.Output.Should().Contain("name or the password is wrong");
    }

    [Fact]
    public async Task A_client_can_not_say_that_it_is_another()
    {
        using var folder = new TempFolder();
        var curl = new RealClient(folder.Path);

        await curl.RunAsync("curl", "-s", "--interface", "127.0.0.2", "--cacert", fronted.Certificates.Root, "-H", "X-Forwarded-For: 203.0.113.9", new Uri(Address, Folder + "who-am-i").AbsoluteUri);

        var lines = fronted.Parceler.Log.Lines.Concat(fronted.Other.Log.Lines);
        lines.Should().ContainSingle(line => line.Contains($" GET {Folder}who-am-i", StringComparison.Ordinal)).Which.Should().Contain("127.0.0.2").And.NotContain("203.0.113.9");
    }

    [Fact]
    public async Task Clients_that_can_speak_http_2_and_trust_the_certificate()
    {
        using var folder = new TempFolder();
        var curl = new RealClient(folder.Path);

        var run = await curl.RunAsync("curl", "-sS", "--http2", "--cacert", fronted.Certificates.Root, "-u", $"{TestParceler.Machine}:{TestParceler.Secret}", "-o", "file", "-w", "%{http_code} %{http_version}", new Uri(Address, Folder + "large+1~2.ipk").AbsoluteUri);

        run.Succeeded().Output.Should().Be("200 2");
        (await File.ReadAllBytesAsync(folder["file"], Cancellation)).Should().Equal(FrontedParceler.ContentOf(FrontedParceler.Large));
    }

    [Fact]
    public async Task A_fleet_behind_one_address_may_come_all_at_once()
    {
        for (var wave = 0; wave < 4; wave++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => RawRequest.SendAsync(Address, "GET", Folder + "Packages.gz")));
            answers.Should().OnlyContain(answer => answer.Status == 401);
        }
    }

    // Larger than what the kernel takes from nginx at once.
    [Theory]
    [InlineData("huge.ipk")]
    [InlineData("by-hash/SHA256/00")]
    public async Task A_router_that_is_slower_than_nginx_gets_the_whole_file(string path)
    {
        using var folder = new TempFolder();
        var curl = new RealClient(folder.Path);

        var run = await curl.RunAsync("curl", "-sS", "--limit-rate", "6M", "--cacert", fronted.Certificates.Root, "-u", $"{TestParceler.Machine}:{TestParceler.Secret}", "-o", "file", "-w", "%{http_code}", new Uri(Address, Folder + path).AbsoluteUri);

        run.Succeeded().Output.Should().Be("200");
        (await File.ReadAllBytesAsync(folder["file"], Cancellation)).AsSpan().SequenceEqual(FrontedParceler.ContentOf(FrontedParceler.Huge)).Should().BeTrue();
    }

    [Fact]
    public async Task Without_tls_nothing_is_served()
    {
        var answer = await RawRequest.SendAsync(fronted.Plain, "GET", Folder + "a%2Fb", s_machine);

        answer.Status.Should().Be(301);
        answer["Location"].Should().Be($"https://127.0.0.1{Folder}a%2Fb");
    }

    private static Task<RawAnswer> SendAsync(Uri address, string method, string path, params (string Name, string Value)[] headers) =>
        RawRequest.SendAsync(address, method, Folder + path, [s_machine, .. headers]);
}
