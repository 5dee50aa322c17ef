using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Parceler.Snapshots;

/// <summary>The instant that names a snapshot: whole seconds, written in UTC as ISO 8601 with offset, compared as instants.</summary>
internal readonly record struct SnapshotInstant(long UnixSeconds) : IComparable<SnapshotInstant>, IParsable<SnapshotInstant>
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:sszzz";

    public DateTimeOffset Time => DateTimeOffset.FromUnixTimeSeconds(UnixSeconds);

    public static SnapshotInstant Of(DateTimeOffset time) => new(time.ToUnixTimeSeconds());

    public static SnapshotInstant Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var instant) ? instant : throw new FormatException($"'{s}' is no instant such as 2026-11-23T00:00:10+00:00");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out SnapshotInstant result)
    {
        var formats = new[] { Format, "yyyy-MM-dd'T'HH:mm:ss'Z'" };
        var known = DateTimeOffset.TryParseExact(s, formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time);
        result = known ? Of(time) : default;
        return known;
    }

    public static bool operator <(SnapshotInstant a, SnapshotInstant b) => a.UnixSeconds < b.UnixSeconds;

    public static bool operator >(SnapshotInstant a, SnapshotInstant b) => a.UnixSeconds > b.UnixSeconds;

    public static bool operator <=(SnapshotInstant a, SnapshotInstant b) => a.UnixSeconds <= b.UnixSeconds;

    public static bool operator >=(SnapshotInstant a, SnapshotInstant b) => a.UnixSeconds >= b.UnixSeconds;

    public int CompareTo(SnapshotInstant other) => UnixSeconds.CompareTo(other.UnixSeconds);

    public override string ToString() => Time.ToString(Format, CultureInfo.InvariantCulture);
}
