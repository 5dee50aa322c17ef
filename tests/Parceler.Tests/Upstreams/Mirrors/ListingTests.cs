using Parceler.Upstreams.Mirrors;

namespace Parceler.Tests.Upstreams.Mirrors;

/// <summary>Listing pages of the web servers that upstreams run.</summary>
public sealed class ListingTests
{
    private static readonly Uri s_root = new("http://upstream.example/pub/feeds/");

    [Theory]
    [InlineData("<a href=\"../\">../</a>\r\n<a href=\"sub/\">sub/</a>   01-Jan-2026 00:01   -\r\n<a href=\"a%2bb_1~2.ipk\">a+b</a>   26-Nov-2026 05:02    1234\r\n", "26-Nov-2026 05:02 1234")]
    [InlineData(
        "<table><tr><th><a href=\"?C=N;O=D\">Name</a></th></tr>\n<tr><td><a href=\"/pub/feeds/base/\">Parent Directory</a></td></tr>\n<tr><td valign=\"top\"><img src=\"/icons/folder.gif\"></td><td><a href=\"sub/\">sub/</a></td><td>2026-01-01 00:01  </td><td>  - </td></tr>\n<tr><td><a href=\"a+b_1~2.ipk\">a+b_1~2.ipk</a></td><td align=\"right\">2026-11-26 05:02  </td><td align=\"right\">1.2K</td><td>&nbsp;</td></tr>\n</table>",
        "2026-11-26 05:02 1.2K &nbsp;")]
    [InlineData(
        "<tr class=\"d\"><td class=\"n\"><a href=\"../\">..</a>/</td></tr>\n<tr class=\"d\"><td class=\"n\"><a href=\"sub/\">sub</a>/</td><td class=\"m\">2026-Jan-01 00:01:01</td></tr>\n<tr><td class=\"n\"><a href=\"a%2Bb_1~2.ipk\">a+b</a></td><td class=\"m\">2026-Nov-26 05:02:01</td><td class=\"s\">1.2K</td></tr>\n",
        "2026-Nov-26 05:02:01 1.2K")]
    [InlineData("<ul>\n<li><a href=\"sub/\">sub/</a></li>\n<li><A HREF='a%2Bb_1~2.ipk'>a+b</A></li>\n</ul>", "")]
    public void The_page_of_a_folder_lists_its_files_and_folders(string page, string row) =>
        Read(page).Should().BeEquivalentTo([new ListedEntry("base/sub", true, Row(page)), new ListedEntry("base/a+b_1~2.ipk", false, row)], options => options.Excluding(entry => entry.Row).WithoutStrictOrdering())
            .And.Contain(entry => entry.Row == row);

    [Theory]
    [InlineData("/pub/feeds/")]
    [InlineData("/pub/feeds/base")]
    [InlineData("../other/")]
    [InlineData("/etc/passwd")]
    [InlineData("http://elsewhere.example/pub/feeds/base/x")]
    [InlineData("https://upstream.example/pub/feeds/base/x")]
    [InlineData("//elsewhere.example/x")]
    [InlineData("x?sort=1")]
    [InlineData("#top")]
    [InlineData("javascript:alert(1)")]
    [InlineData("mailto:a@b.example")]
    [InlineData("%2e%2e/x")]
    [InlineData(".//")]
    [InlineData("")]
    public void A_link_that_leads_elsewhere_is_passed_over(string href) => Read($"<a href=\"{href}\">x</a>\n").Should().BeEmpty();

    [Theory]
    [InlineData("http://upstream.example/pub/feeds/base/x", "base/x")]
    [InlineData("./x", "base/x")]
    [InlineData("deep/er/x", "base/deep/er/x")]
    [InlineData("a&amp;b", "base/a&b")]
    [InlineData("x%2Fy", "base/x%2Fy")]
    public void A_link_further_down_is_taken(string href, string path) => Read($"<a href=\"{href}\">x</a>\n").Should().ContainSingle().Which.Path.Should().Be(path);

    [Theory]
    [InlineData("26-Nov-2026 05:02 12", "2026-11-27T12:00:00Z", true)]
    [InlineData("26-Nov-2026 05:02 12", "2026-11-27T05:00:00Z", false)]
    [InlineData("2026-11-26 05:02 1.2K", "2026-11-27T12:00:00Z", true)]
    [InlineData("2026-Nov-26 05:02:01 1.2K", "2026-11-27T12:00:00Z", true)]
    [InlineData("2026-13-26 05:02 1.2K", "2027-11-27T12:00:00Z", false)]
    [InlineData("26-Nov-2030 05:02 12", "2026-11-27T12:00:00Z", false)]
    [InlineData("", "2026-11-27T12:00:00Z", false)]
    [InlineData("1234", "2026-11-27T12:00:00Z", false)]
    public void A_time_counts_once_it_is_past_in_every_time_zone(string row, string now, bool settled) => Listing.IsSettled(row, DateTimeOffset.Parse(now, null)).Should().Be(settled);

    [Fact]
    public void No_text_stops_the_reader()
    {
        var page = "<a href=\"x\">x</a><tr> & <a href='y>\n<a\thref=z><a ";
        for (var seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            var text = new string([.. Enumerable.Range(0, 60).Select(_ => page[random.Next(page.Length)])]);
            Read(text).Should().OnlyContain(entry => entry.Path.StartsWith("base/", StringComparison.Ordinal), text);
        }
    }

    private static List<ListedEntry> Read(string page) => [.. Listing.Read(page, "base/", s_root)];

    private static string Row(string page) => Read(page)[0].Row;
}
