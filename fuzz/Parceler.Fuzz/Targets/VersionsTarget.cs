using System.Text;
using Parceler.Feeds;
using Parceler.Formats.Apk;
using Parceler.Formats.Rpm;
using Parceler.Formats.Versions;

namespace Parceler.Fuzz.Targets;

/// <summary>The orders of versions: of any two texts one that agrees with itself.</summary>
internal static class VersionsTarget
{
    private static readonly byte[] s_seed = Sample.Bytes("1.0-1\n1:2.0~rc1-2\n1.0_rc1-r2\n1.0^git1-3.el9\n0.10~deadbeef\n1.2.3a_p1\n20260101.001");

    public static FuzzTarget Create() => new("versions",
    [
        FuzzReader.OfAll("dpkg", file => Compare(file, DpkgVersionOrder.Instance), () => [s_seed]),
        FuzzReader.OfAll("rpm", file => Compare(file, RpmVersionOrder.Instance), () => [s_seed]),
        FuzzReader.OfAll("apk", ReadApk, () => [s_seed]),
        .. Enum.GetValues<FeedFormat>().Select(format => FuzzReader.OfAll($"feed-{format}", file => Compare(file, FeedVersions.OrderOf(format)), () => [s_seed])),
        FuzzReader.OfAll("evr", file => _ = RpmEvr.Parse(Encoding.UTF8.GetString(file)).ToString(), () => ["1:2-3"u8.ToArray()]),
    ],
    ["_alpha", "_beta2", "_pre", "_rc1", "_p", "_git20260101", "-r1", "~", "^", ":", "-", ".", "00", "18446744073709551616", "\n"]);

    private static void ReadApk(byte[] file)
    {
        Compare(file, ApkVersionOrder.Instance, ApkVersionOrder.IsValid);
        var texts = Texts(file);
        _ = texts.Length > 1 && ApkVersionOrder.Matches(texts[0], texts[1]);
        _ = texts.Length > 1 ? ApkVersionOrder.Instance.Compare(texts[0], texts[1]) : 0;
    }

    private static void Compare(byte[] file, IComparer<string> order, Func<string, bool>? isValid = null)
    {
        var texts = Array.FindAll(Texts(file), text => isValid?.Invoke(text) != false);
        foreach (var (x, y, z) in texts.SelectMany(x => texts.SelectMany(y => texts.Select(z => (x, y, z)))))
        {
            var (xy, yz, xz) = (Math.Sign(order.Compare(x, y)), Math.Sign(order.Compare(y, z)), Math.Sign(order.Compare(x, z)));
            FuzzFaultException.Unless(xy == -Math.Sign(order.Compare(y, x)), "two versions are in one order");
            FuzzFaultException.Unless(xy > 0 || yz > 0 || (xz <= 0 && (xz < 0) == (xy < 0 || yz < 0)), "what is older than an older one is older");
        }
    }

    // of long ones only two, since all are compared with all, several times
    private static string[] Texts(byte[] file) => [.. Encoding.UTF8.GetString(file).Split('\n').Take(file.Length > 1 << 16 ? 2 : 4)];
}
