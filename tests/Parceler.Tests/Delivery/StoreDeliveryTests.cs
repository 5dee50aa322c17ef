using System.Net;
using System.Text;
using System.Web;
using Parceler.Tests.Support;

namespace Parceler.Tests.Delivery;

/// <summary>Files of a storage that is a bucket: who is sent there, and who gets them from here.</summary>
[Trait("Speed", "slow")]
public sealed class StoreDeliveryTests : IAsyncDisposable
{
    private const string Router = "uclient-fetch";
    private readonly byte[] _image = new byte[20 << 20];
    private TestParceler? _parceler;
    private S3Server? _server;

    public StoreDeliveryTests() => new Random(7).NextBytes(_image);

    [Fact]
    public async Task A_package_is_fetched_from_the_bucket_at_an_address_signed_for_a_minute()
    {
        await StartAsync("auto");

        var answer = (await GetAsync("hello.ipk", "curl/8")).ShouldBeEmpty(302);

        answer["Cache-Control"].Should().Be("no-store");
        answer.Headers.Should().NotContainKeys("ETag", "Accept-Ranges", "Last-Modified");
        var url = new Uri(answer["Location"]!);
        HttpUtility.ParseQueryString(url.Query)["X-Amz-Expires"].Should().BeOneOf("59", "60", "61"); // the library rounds
        using var stranger = new HttpClient();
        using var file = await stranger.GetAsync(url, TestContext.Current.CancellationToken);
        file.StatusCode.Should().Be(HttpStatusCode.OK);
        file.Content.Headers.ContentType!.MediaType.Should().Be("application/vnd.openwrt.ipk");
        (await file.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Should().Be("a package");
        (await GetAsync("hello.ipk", "curl/8"))["Location"].Should().Be(answer["Location"], "signing takes its time, and this one is good for long enough");
    }

    [Theory]
    [InlineData("auto", "curl/8", 302)]
    [InlineData("auto", Router, 200)]
    [InlineData("auto", null, 200)]
    [InlineData("redirect", Router, 302)]
    [InlineData("stream", "curl/8", 200)]
    public async Task The_setting_and_the_client_say_who_is_sent_away(string delivery, string? client, int status)
    {
        await StartAsync(delivery);

        (await GetAsync("hello.ipk", client)).Status.Should().Be(status);
        var index = await GetAsync("Packages", client);
        (index.Status, index.Text).Should().Be((200, "an index"));
    }

    [Fact]
    public async Task What_is_sent_from_here_is_answered_as_from_a_local_disk()
    {
        await StartAsync("auto");

        (await GetAsync("image.bin", Router)).Body.Should().Equal(_image);
        var part = await GetAsync("image.bin", Router, ("Range", "bytes=1000-1999"));
        (part.Status, part["Content-Range"]).Should().Be((206, $"bytes 1000-1999/{_image.Length}"));
        part.Body.Should().Equal(_image[1000..2000]);
        (await GetAsync("image.bin", "curl/8", ("Range", "bytes=99999999-"))).Status.Should().Be(416);
        (await GetAsync("nothing.txt", Router)).Body.Should().BeEmpty();
        (await GetAsync("absent.ipk", "curl/8")).ShouldBeEmpty(404);
        (await RawRequest.SendAsync(_parceler!.Address, "GET", "/repository/enterprise/netsec/hello.ipk")).ShouldBeEmpty(401);
    }

    [Fact]
    public async Task Many_who_fetch_one_image_while_it_comes_all_get_it()
    {
        await StartAsync("stream");

        var images = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => GetAsync("image.bin", "curl/8")));

        images.Should().OnlyContain(image => image.Status == 200 && image.Body.SequenceEqual(_image));
    }

    [Fact]
    public async Task Without_the_store_machines_get_what_memory_and_cache_know_and_are_told_to_come_back_for_the_rest()
    {
        _server = await S3Server.StartAsync();
        await StartAsync("auto", _server);
        var known = await GetAsync("Packages", Router);
        await _server.KillAsync("rgw");

        (await GetAsync("Packages", Router)).Text.Should().Be("an index");
        (await GetAsync("Packages", Router, ("If-None-Match", known["ETag"]!))).Status.Should().Be(304);
        (await SendAsync("HEAD", "image.bin", "curl/8"))["Content-Length"].Should().Be($"{_image.Length}");
        (await GetAsync("hello.ipk", "curl/8")).Status.Should().Be(302, "the store is not asked");
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => GetAsync("image.bin", Router)));

        answers.Should().AllSatisfy(answer => int.Parse(answer.ShouldBeEmpty(503)["Retry-After"]!, null).Should().BeInRange(10, 60));
        _parceler!.Log.Lines.Should().ContainSingle(line => line.Contains("The store gives no files", StringComparison.Ordinal));
        await _server.StartAgainAsync();
        (await GetAsync("image.bin", Router)).Body.Should().Equal(_image);
        _parceler.Log.Lines.Should().ContainSingle(line => line.Contains("gives files again", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        if (_parceler is not null)
        {
            await _parceler.DisposeAsync();
        }

        _server?.Dispose();
    }

    private async Task StartAsync(string delivery, S3Server? server = null)
    {
        var settings = await (server ?? await S3Server.Shared).NewSettingsAsync();
        settings["S3_DELIVERY"] = delivery;
        _parceler = await TestParceler.StartAsync(settings);
        _parceler.WriteUpstream("netsec", "Packages", "an index");
        _parceler.WriteUpstream("netsec", "hello.ipk", "a package");
        _parceler.WriteUpstream("netsec", "nothing.txt", "");
        await File.WriteAllBytesAsync(Path.Combine(_parceler.UpstreamOf("netsec"), "image.bin"), _image, TestContext.Current.CancellationToken);
        await _parceler.CreateAsync("netsec");
    }

    private Task<RawAnswer> GetAsync(string path, string? client, params (string Name, string Value)[] headers) => SendAsync("GET", path, client, headers);

    private Task<RawAnswer> SendAsync(string method, string path, string? client, params (string Name, string Value)[] headers) =>
        RawRequest.SendAsync(
            _parceler!.Address,
            method,
            $"/repository/enterprise/netsec/{path}",
            [("Authorization", RawRequest.Basic(TestParceler.Machine, TestParceler.Secret)), .. client is null ? [] : new[] { ("User-Agent", client) }, .. headers]
        );
}
