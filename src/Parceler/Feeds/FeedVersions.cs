using Parceler.Formats.Apk;
using Parceler.Formats.Opkg;
using Parceler.Formats.Rpm;
using Parceler.Formats.Versions;

namespace Parceler.Feeds;

/// <summary>The order of versions of each format: that of its program on machines.</summary>
internal static class FeedVersions
{
    private static readonly IComparer<string> s_apk = Comparer<string>.Create(CompareApk);
    private static readonly IComparer<string> s_rpm = Comparer<string>.Create((a, b) => RpmVersionOrder.Instance.Compare(RpmEvr.Parse(a), RpmEvr.Parse(b)));

    public static IComparer<string> OrderOf(FeedFormat format) => format switch
    {
        FeedFormat.Opkg => OpkgVersionOrder.Instance,
        FeedFormat.Apt => DpkgVersionOrder.Instance,
        FeedFormat.Rpm => s_rpm,
        _ => s_apk,
    };

    // apk's own is an order among valid versions only
    private static int CompareApk(string a, string b) => (ApkVersionOrder.IsValid(a), ApkVersionOrder.IsValid(b)) switch
    {
        (true, true) => ApkVersionOrder.Instance.Compare(a, b),
        (false, false) => string.CompareOrdinal(a, b),
        (var isValid, _) => isValid ? 1 : -1,
    };
}
