using System.Globalization;
using Microsoft.Extensions.Primitives;
using Parceler.Delivery;

namespace Parceler.App.Http;

/// <summary>Conditional requests (RFC 9110, 13), with one departure: a date holds only when it is exactly ours.</summary>
internal static class Conditions
{
    [ThreadStatic]
    private static (long Seconds, string Text) t_lastDate;

    /// <summary>
    /// Whether the client has this very state. Some clients send the time of their own download, and "not newer than
    /// that" would hide an index that stepped back to an older snapshot.
    /// </summary>
    public static bool NotModified(IHeaderDictionary headers, DeliveredFile file)
    {
        var tags = headers.IfNoneMatch;
        if (tags.Count > 0)
        {
            return HasTag(tags, file.File.EntityTag);
        }

        return IsDate(headers.IfModifiedSince, file.LastModified) && !(file.File.IsIndex && SendsItsOwnTime(headers.UserAgent));
    }

    /// <summary>Whether <c>If-None-Match</c> names this tag.</summary>
    public static bool HasTag(StringValues tags, string entityTag) => tags.Any(tag => tag is not null && Matches(tag, entityTag));

    /// <summary>Whether a range may be sent: a client that resumes another state gets the whole file.</summary>
    public static bool AllowsRange(IHeaderDictionary headers, DeliveredFile file) =>
        headers.IfRange is not [{ Length: > 0 } condition] || condition == file.File.EntityTag || IsDate(condition, file.LastModified);

    /// <summary>As HTTP writes dates. The same few are asked for again and again.</summary>
    public static string HttpDate(DateTimeOffset time)
    {
        var seconds = time.ToUnixTimeSeconds();
        if (t_lastDate.Text is null || t_lastDate.Seconds != seconds)
        {
            t_lastDate = (seconds, time.ToString("r", CultureInfo.InvariantCulture));
        }

        return t_lastDate.Text;
    }

    // apk (libfetch) dates an index by its download: that this is the second in which another one came to be served says nothing.
    private static bool SendsItsOwnTime(string? userAgent) => userAgent?.StartsWith("libfetch/", StringComparison.Ordinal) == true;

    private static bool IsDate(string? text, DateTimeOffset lastModified) =>
        text is { Length: > 0 } && (text == HttpDate(lastModified)
            || (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) && date.ToUnixTimeSeconds() == lastModified.ToUnixTimeSeconds()));

    // A list of tags; weak ones compare equal here (RFC 9110, 13.1.2).
    private static bool Matches(string list, string entityTag)
    {
        foreach (var range in list.AsSpan().Split(','))
        {
            var tag = list.AsSpan(range).Trim();
            tag = tag.StartsWith("W/") ? tag[2..] : tag;
            if (tag is "*" || tag.SequenceEqual(entityTag))
            {
                return true;
            }
        }

        return false;
    }
}
