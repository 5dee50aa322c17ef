using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Parceler.Tests.Delivery;

/// <summary>How a file is answered: headers, conditions and ranges.</summary>
public sealed class FileAnswerTests(DeliveredRepository delivered) : IClassFixture<DeliveredRepository>
{
    private const string Digits = DeliveredRepository.Digits;
    private const string OtherTag = "\"0000000000000000000000000000000000000000000000000000000000000000\"";

    private static string Tag => $"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(Digits)))}\"";

    private string Modified => HttpDate(File.GetLastWriteTimeUtc(Path.Combine(delivered.Parceler.UpstreamOf("netsec"), "hello.txt")));

    [Fact]
    public async Task A_file_comes_with_all_that_a_client_resumes_and_caches_by()
    {
        var answer = await delivered.GetAsync("hello.txt");

        answer.Status.Should().Be(200);
        answer.Text.Should().Be(Digits);
        answer["Content-Length"].Should().Be("10");
        answer["ETag"].Should().Be(Tag);
        answer["Last-Modified"].Should().Be(Modified);
        answer["Accept-Ranges"].Should().Be("bytes");
        answer["X-Content-Type-Options"].Should().Be("nosniff");
        answer.Headers.Should().NotContainKeys("Server", "Content-Encoding", "Transfer-Encoding");
    }

    [Fact]
    public async Task An_index_counts_from_the_moment_that_it_is_served() =>
        (await delivered.GetAsync("Packages"))["Last-Modified"].Should().Be(HttpDate(delivered.Parceler.Clock.GetUtcNow().UtcDateTime));

    [Theory]
    [InlineData("Packages", "text/plain; charset=utf-8")]
    [InlineData("Packages.gz", "application/gzip")]
    [InlineData("Packages.sig", "application/octet-stream")]
    [InlineData("packages.adb", "application/octet-stream")]
    [InlineData("InRelease", "text/plain; charset=utf-8")]
    [InlineData("index.json", "application/json")]
    [InlineData("repodata/repomd.xml", "application/xml")]
    [InlineData("repodata/repomd.xml.asc", "application/pgp-signature")]
    [InlineData("x.ipk", "application/vnd.openwrt.ipk")]
    [InlineData("x.deb", "application/vnd.debian.binary-package")]
    [InlineData("x.rpm", "application/x-rpm")]
    [InlineData("x.apk", "application/vnd.alpine-linux.apk")]
    [InlineData("x.html", "application/octet-stream")]
    [InlineData("x.svg", "application/octet-stream")]
    [InlineData("x.js", "application/octet-stream")]
    [InlineData("noending", "application/octet-stream")]
    public async Task The_kind_of_a_file_gives_its_content_type_and_none_runs_in_a_browser(string path, string type)
    {
        var answer = await delivered.GetAsync(path, ("Accept-Encoding", "gzip, br"));

        answer["Content-Type"].Should().Be(type);
        answer["X-Content-Type-Options"].Should().Be("nosniff");
        answer.Headers.Should().NotContainKey("Content-Encoding");
        answer.Text.Should().Be(path);
    }

    [Fact]
    public async Task Head_answers_as_get_does_without_the_bytes()
    {
        var get = await delivered.GetAsync("image.bin");
        var head = await delivered.HeadAsync("image.bin");
        var part = await delivered.HeadAsync("image.bin", ("Range", "bytes=0-9"));

        get.Status.Should().Be(200);
        get.Body.AsSpan().SequenceEqual(delivered.Image).Should().BeTrue();
        head.Status.Should().Be(200);
        head.Body.Should().BeEmpty();
        head.Headers.Where(header => header.Key != "Date").Should().BeEquivalentTo(get.Headers.Where(header => header.Key != "Date"));
        (part.Status, part["Content-Length"]).Should().Be((200, get["Content-Length"]));
    }

    [Fact]
    public async Task A_file_of_no_bytes_is_a_file()
    {
        var answer = await delivered.GetAsync("nothing.txt");

        (answer.Status, answer["Content-Length"], answer.Text).Should().Be((200, "0", ""));
        (await delivered.GetAsync("nothing.txt", ("Range", "bytes=0-")))["Content-Range"].Should().Be("bytes */0");
    }

    [Theory]
    [InlineData("TAG", 304)]
    [InlineData("W/TAG", 304)]
    [InlineData("\"x\", TAG", 304)]
    [InlineData("*", 304)]
    [InlineData(OtherTag, 200)]
    [InlineData("broken", 200)]
    public async Task If_none_match_is_about_the_content(string condition, int status)
    {
        condition = condition.Replace("TAG", Tag, StringComparison.Ordinal);

        ShouldBe(await delivered.GetAsync("hello.txt", ("If-None-Match", condition)), status);
        ShouldBe(await delivered.GetAsync("hello.txt", ("If-None-Match", condition), ("Range", "bytes=99-")), status == 200 ? 416 : status);
        (await delivered.HeadAsync("hello.txt", ("If-None-Match", condition))).Status.Should().Be(status);
    }

    [Theory]
    [InlineData(0, 304)]
    [InlineData(1, 200)] // apk sends the time of its own download
    [InlineData(86_400, 200)]
    [InlineData(-1, 200)]
    public async Task If_modified_since_holds_for_our_own_date_alone(int secondsLater, int status)
    {
        foreach (var path in new[] { "hello.txt", "Packages" })
        {
            var ours = DateTime.Parse((await delivered.GetAsync(path))["Last-Modified"]!, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal);
            var condition = HttpDate(ours.AddSeconds(secondsLater));

            ShouldBe(await delivered.GetAsync(path, ("If-Modified-Since", condition)), status);
            ShouldBe(await delivered.GetAsync(path, ("If-Modified-Since", condition), ("If-None-Match", OtherTag)), 200);
        }
    }

    [Theory]
    [InlineData("Packages", "libfetch/2.0", 200)] // its own download may have come in that very second, before the switch
    [InlineData("Packages", "Debian APT-HTTP/1.3 (2.6.2)", 304)]
    [InlineData("hello.txt", "libfetch/2.0", 304)]
    public async Task The_time_of_a_download_is_no_date_of_an_index_though_it_may_be_the_same(string path, string client, int status)
    {
        var ours = (await delivered.GetAsync(path))["Last-Modified"]!;

        ShouldBe(await delivered.GetAsync(path, ("If-Modified-Since", ours), ("User-Agent", client)), status);
    }

    [Theory]
    [InlineData("bytes=0-3", "0123", "bytes 0-3/10")]
    [InlineData("bytes=4-5", "45", "bytes 4-5/10")]
    [InlineData("bytes=4-", "456789", "bytes 4-9/10")]
    [InlineData("bytes=-3", "789", "bytes 7-9/10")]
    [InlineData("bytes=-99", Digits, "bytes 0-9/10")]
    [InlineData("bytes=8-99", "89", "bytes 8-9/10")]
    [InlineData("bytes=0-", Digits, "bytes 0-9/10")]
    public async Task A_range_is_answered_with_that_part(string range, string part, string contentRange)
    {
        var answer = await delivered.GetAsync("hello.txt", ("Range", range));

        (answer.Status, answer.Text, answer["Content-Range"]).Should().Be((206, part, contentRange));
        answer["Content-Length"].Should().Be(part.Length.ToString(CultureInfo.InvariantCulture));
        answer["ETag"].Should().Be(Tag);
        answer["Last-Modified"].Should().Be(Modified);
    }

    [Theory]
    [InlineData("bytes=10-")]
    [InlineData("bytes=10-20")]
    [InlineData("bytes=-0")]
    public async Task A_range_beyond_the_end_is_answered_with_416(string range)
    {
        var answer = await delivered.GetAsync("hello.txt", ("Range", range));

        (answer.Status, answer.Text, answer["Content-Length"], answer["Content-Range"]).Should().Be((416, "", "0", "bytes */10"));
    }

    [Theory]
    [InlineData("bytes=0-1,4-5")]
    [InlineData("bytes=5-2")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=")]
    [InlineData("bytes=--1")]
    [InlineData("items=0-1")]
    [InlineData("bytes=99999999999999999999-")]
    public async Task Several_ranges_and_broken_ones_are_answered_with_the_whole(string range) => ShouldBe(await delivered.GetAsync("hello.txt", ("Range", range)), 200);

    [Theory]
    [InlineData("TAG", 206)]
    [InlineData("DATE", 206)]
    [InlineData("W/TAG", 200)] // only a strong tag promises the same bytes
    [InlineData(OtherTag, 200)]
    [InlineData("Tue, 01 Jan 2030 00:00:00 GMT", 200)]
    [InlineData("Thu, 01 Jan 1970 00:00:00 GMT", 200)]
    public async Task A_download_is_resumed_only_of_the_same_content(string condition, int status)
    {
        condition = condition.Replace("TAG", Tag, StringComparison.Ordinal).Replace("DATE", Modified, StringComparison.Ordinal);

        var answer = await delivered.GetAsync("hello.txt", ("Range", "bytes=4-"), ("If-Range", condition));

        (answer.Status, answer.Text).Should().Be((status, status == 206 ? "456789" : Digits));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_535)]
    [InlineData(10_000_019)]
    [InlineData((20 << 20) - 1)]
    public async Task A_large_file_is_resumed_at_any_byte(int start)
    {
        var answer = await delivered.GetAsync("image.bin", ("Range", $"bytes={start}-"));

        answer.Status.Should().Be(206);
        answer.Body.AsSpan().SequenceEqual(delivered.Image.AsSpan(start)).Should().BeTrue();
    }

    private static string HttpDate(DateTime time) => time.ToString("r", CultureInfo.InvariantCulture);

    private static void ShouldBe(Support.RawAnswer answer, int status)
    {
        answer.Status.Should().Be(status);
        answer.Headers.Should().ContainKeys("ETag", "Last-Modified");
        answer.Body.Should().HaveCount(status == 200 ? int.Parse(answer["Content-Length"]!, CultureInfo.InvariantCulture) : 0);
    }
}
