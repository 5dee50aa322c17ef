using System.Globalization;
using Parceler.Tests.Support;

namespace Parceler.Tests.Delivery;

/// <summary>A real nginx sends the large files, and a machine can't tell.</summary>
[Trait("Speed", "slow")]
public sealed class OffloadTests : IAsyncLifetime
{
    private const int Large = 1 << 20;
    private Nginx _nginx = null!;
    private TestParceler _parceler = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _parceler = await TestParceler.StartAsync(new() { ["DELIVERY_OFFLOAD"] = "x-accel" });
        foreach (var (path, size) in new[] { ("large+1.ipk", Large), ("limit.ipk", 256_000), ("below.ipk", 255_999), ("Packages.gz", Large), ("by-hash/SHA256/00", Large) })
        {
            _parceler.WriteUpstream("netsec", path, "");
            await File.WriteAllBytesAsync(Path.Combine(_parceler.UpstreamOf("netsec"), path), ContentOf(size), Cancellation);
        }

        await _parceler.CreateAsync("netsec");
        _nginx = await Nginx.StartAsync(_parceler.Address, _parceler.StorageFolder);
    }

    public async ValueTask DisposeAsync()
    {
        await _nginx.DisposeAsync();
        await _parceler.DisposeAsync();
    }

    [Theory]
    [InlineData("large+1.ipk", Large, true)]
    [InlineData("large%2B1.ipk", Large, true)]
    [InlineData("limit.ipk", 256_000, true)]
    [InlineData("below.ipk", 255_999, false)]
    [InlineData("Packages.gz", Large, false)]
    [InlineData("by-hash/SHA256/00", Large, false)]
    public async Task A_large_file_is_sent_by_nginx_and_an_index_never(string path, int size, bool offloaded)
    {
        var answer = await GetAsync(_nginx.Address, path);

        answer.Status.Should().Be(200);
        answer.Body.AsSpan().SequenceEqual(ContentOf(size)).Should().BeTrue();
        answer["X-From"].Should().Be(offloaded ? "blobs" : null);
        answer.Headers.Should().NotContainKey("X-Accel-Redirect");
    }

    [Fact]
    public async Task What_nginx_sends_has_the_headers_that_the_service_would_send()
    {
        var offloaded = await GetAsync(_nginx.Address, "large+1.ipk");
        var head = await SendAsync(_parceler.Address, "HEAD", "large+1.ipk");

        foreach (var name in new[] { "Content-Type", "Content-Length", "ETag", "Last-Modified", "Accept-Ranges", "X-Content-Type-Options" })
        {
            offloaded[name].Should().Be(head[name], name);
        }

        offloaded["Content-Type"].Should().Be("application/vnd.openwrt.ipk");
    }

    [Fact]
    public async Task What_is_said_to_nginx_holds_no_bytes_itself()
    {
        var answer = await GetAsync(_parceler.Address, "large+1.ipk");

        answer["X-Accel-Redirect"].Should().MatchRegex("^/x-accel/([0-9a-f]{2})/\\1[0-9a-f]{62}$");
        answer.Text.Should().NotContain(System.Text.Encoding.Latin1.GetString(ContentOf(16)));
    }

    [Fact]
    public async Task Ranges_and_conditions_hold_as_without_nginx()
    {
        var whole = await GetAsync(_nginx.Address, "large+1.ipk");
        var (tag, modified) = (whole["ETag"]!, whole["Last-Modified"]!);

        foreach (var resume in new[] { tag, modified })
        {
            var part = await GetAsync(_nginx.Address, "large+1.ipk", ("Range", "bytes=1000000-"), ("If-Range", resume));
            part.Status.Should().Be(206);
            part.Body.Should().Equal(ContentOf(Large)[1_000_000..]);
        }

        (await GetAsync(_nginx.Address, "large+1.ipk", ("Range", "bytes=1000000-"), ("If-Range", "\"other\""))).Body.Should().HaveCount(Large);
        (await GetAsync(_nginx.Address, "large+1.ipk", ("Range", $"bytes={Large}-"))).Status.Should().Be(416);
        (await GetAsync(_nginx.Address, "large+1.ipk", ("If-None-Match", tag))).Status.Should().Be(304);
        (await GetAsync(_nginx.Address, "large+1.ipk", ("If-Modified-Since", modified))).Status.Should().Be(304);
        var later = DateTime.Parse(modified, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal).AddDays(1).ToString("r", CultureInfo.InvariantCulture);
        (await GetAsync(_nginx.Address, "large+1.ipk", ("If-Modified-Since", later))).Body.Should().HaveCount(Large);
    }

    [Fact]
    public async Task Nobody_reaches_a_blob_without_being_entitled()
    {
        var inside = (await GetAsync(_parceler.Address, "large+1.ipk"))["X-Accel-Redirect"]!;

        (await RawRequest.SendAsync(_nginx.Address, "GET", inside)).Status.Should().Be(404);
        (await RawRequest.SendAsync(_nginx.Address, "GET", "/repository/enterprise/netsec/large+1.ipk")).Status.Should().Be(401);
        (await RawRequest.SendAsync(_nginx.Address, "GET", "/repository/enterprise/netsec/large+1.ipk", ("Authorization", RawRequest.Basic("stranger", "x")))).Status.Should().Be(403);
    }

    private static byte[] ContentOf(int size)
    {
        var content = new byte[size];
        new Random(3).NextBytes(content);
        return content;
    }

    private static Task<RawAnswer> GetAsync(Uri address, string path, params (string Name, string Value)[] headers) => SendAsync(address, "GET", path, headers);

    private static Task<RawAnswer> SendAsync(Uri address, string method, string path, params (string Name, string Value)[] headers) =>
        RawRequest.SendAsync(address, method, $"/repository/enterprise/netsec/{path}", [("Authorization", RawRequest.Basic(TestParceler.Machine, TestParceler.Secret)), .. headers]);
}
