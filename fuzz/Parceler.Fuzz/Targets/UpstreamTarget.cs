using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Parceler.Repositories;
using Parceler.Storage;
using Parceler.Upstreams.Mirrors;

namespace Parceler.Fuzz.Targets;

/// <summary>What web servers of upstreams send beside files: listing pages, redirects, headers.</summary>
internal static class UpstreamTarget
{
    private static readonly UpstreamAddress s_address = new(new(MirrorKind.Http, "http://example.org/a/", [], [], []));
    private static readonly string[] s_headers = ["ETag", "Last-Modified", "Date", "Retry-After", "Content-Range", "Content-Length"];

    public static FuzzTarget Create() => new("upstream",
    [
        FuzzReader.OfAll("listing", file => ReadListing(file, ""), () => [Sample.Of("nginx.html"), Sample.Of("apache.html"), Sample.Of("python.html")]),
        FuzzReader.OfAll("listing-below", file => ReadListing(file, "b c/"), () => [Sample.Of("nginx.html")]),
        new("redirect", [typeof(MirrorException)], ReadRedirect, () => ["/b"u8.ToArray(), "https://example.org:8443/c?d#e"u8.ToArray(), "//user:password@example.org/"u8.ToArray()]),
        FuzzReader.OfAll("headers", ReadHeaders, () => ["\"a\"\nThu, 26 Nov 2026 07:00:00 GMT\nThu, 26 Nov 2026 07:00:01 GMT\n120\nbytes 5-9/10\n5"u8.ToArray(), "W/\"b\"\n\n\nThu, 26 Nov 2026 07:00:00 GMT\nbytes */10\n"u8.ToArray()]),
    ],
    ["<a href=\"", "\">", "</a>", "<a href='", "<a ", "href=", "<tr>", "</tr>", "&amp;", "&#47;", "%2f", "%2e%2e/", "../", "http://example.org/a/", "https://", "26-Nov-2026 07:00", "2026-11-26 07:00", "?C=M", "[::1]", "xn--", "\u00ed\u00a0\u0080"]);

    private static void ReadListing(byte[] file, string folder)
    {
        var page = Encoding.UTF8.GetString(file);
        foreach (var entry in Listing.Read(page, folder, s_address.Root))
        {
            _ = Listing.IsSettled(entry.Row, Sample.Time);
            FuzzFaultException.Unless(entry.Path.StartsWith(folder, StringComparison.Ordinal), "an entry is below its folder");
            if (PackagePath.IsValid(entry.Path))
            {
                FuzzFaultException.Unless(s_address.Of(entry.Path).Host == s_address.Root.Host, "a file is asked of the host that lists it");
            }
        }
    }

    private static void ReadRedirect(byte[] file)
    {
        if (Uri.TryCreate(Encoding.UTF8.GetString(file), UriKind.RelativeOrAbsolute, out var location))
        {
            var target = UpstreamClient.Target(s_address.Root, location);
            FuzzFaultException.Unless(target is { IsAbsoluteUri: true, UserInfo: "", Scheme: "http" or "https" }, "a redirect leads to an address without credentials");
        }
    }

    private static void ReadHeaders(byte[] file)
    {
        using var response = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { Content = new ByteArrayContent([]) };
        foreach (var (name, value) in s_headers.Zip(Encoding.Latin1.GetString(file).Split('\n')))
        {
            HttpHeaders headers = name.StartsWith("Content", StringComparison.Ordinal) || name == "Last-Modified" ? response.Content.Headers : response.Headers;
            headers.TryAddWithoutValidation(name, value);
        }

        var known = Validator.Of(response);
        _ = (known.IsNone, response.Content.Headers.ContentRange?.From, response.Content.Headers.ContentLength);
        var options = new FetchOptions();
        var wait = FetchWaits.After(1, FetchWaits.Asked(response, Sample.Time), options, 0.5);
        FuzzFaultException.Unless(wait > TimeSpan.Zero && wait <= options.LongestRetryAfter, "a wait has an end");
    }
}
