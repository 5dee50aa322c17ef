namespace Parceler.Feeds;

/// <summary>What Parceler understands of a tree, by the program that reads it on machines.</summary>
internal enum FeedFormat
{
    Opkg,

    /// <summary>Index and packages of apk 3.</summary>
    Apk,

    /// <summary>APKINDEX.tar.gz.</summary>
    Apk2,
    Apt,
    Rpm,
}

internal static class FeedFormats
{
    /// <summary>The word for people and for JSON.</summary>
    public static string ToWord(this FeedFormat format) => format switch
    {
        FeedFormat.Apk2 => "apk v2",
        FeedFormat.Apk => "apk",
        FeedFormat.Apt => "apt",
        FeedFormat.Rpm => "rpm",
        _ => "opkg",
    };

    /// <summary>What <see cref="ToWord"/> was said of; opkg for a word that is none.</summary>
    public static FeedFormat OfWord(string word) => Array.Find(Enum.GetValues<FeedFormat>(), format => format.ToWord() == word);
}
