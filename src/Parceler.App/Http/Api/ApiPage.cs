using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Parceler.App.Http.Api;

/// <summary>A part of a list.</summary>
/// <param name="Next">The cursor of the part after it; null when this is the last.</param>
internal sealed record ApiPage<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Where a page begins, and how long it is.</summary>
internal static class Paging
{
    private const int Usual = 100;
    private const int Most = 1000;

    /// <exception cref="ApiException"/>
    public static int Limit(int? limit) =>
        limit is null or (>= 1 and <= Most) ? limit ?? Usual : throw new ApiException(StatusCodes.Status400BadRequest, $"limit: {limit} is no whole number from 1 to {Most}");

    /// <summary>Of a list that is sorted by its keys, ordinal.</summary>
    public static ApiPage<T> After<T>(IEnumerable<T> sorted, Func<T, string> keyOf, string? cursor, int? limit)
    {
        var (after, most) = (Text(cursor), Limit(limit));
        var rest = after is null ? sorted : sorted.SkipWhile(item => string.CompareOrdinal(keyOf(item), after) <= 0);
        return Of([.. rest.Take(most + 1)], most, keyOf);
    }

    /// <summary>Of a list that never changes.</summary>
    public static ApiPage<T> At<T>(IReadOnlyList<T> all, string? cursor, int? limit)
    {
        var (first, most) = ((int)(Number(cursor) ?? 0), Limit(limit));
        return new([.. all.Skip(first).Take(most)], first + (long)most < all.Count ? Cursor($"{first + most}") : null);
    }

    /// <param name="items">One more than there is room for, if there is one.</param>
    public static ApiPage<T> Of<T>(List<T> items, int most, Func<T, string> keyOf) =>
        items.Count <= most ? new(items, null) : new(items[..most], Cursor(keyOf(items[most - 1])));

    /// <exception cref="ApiException"/>
    public static long? Number(string? cursor) =>
        Text(cursor) is not { } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= int.MaxValue ? number
        : throw Wrong();

    private static string Cursor(string key) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(key));

    private static string? Text(string? cursor)
    {
        try
        {
            return cursor is null ? null : Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor));
        }
        catch (FormatException)
        {
            throw Wrong();
        }
    }

    private static ApiException Wrong() => new(StatusCodes.Status400BadRequest, "cursor: it is none that a page before named as next");
}
