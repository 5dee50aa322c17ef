using System.Text;

namespace Parceler.Formats.Apk;

/// <summary>Orders texts by their bytes in UTF-8, as memcmp does.</summary>
internal sealed class ByBytes : IComparer<string>
{
    public static readonly ByBytes Instance = new();

    public int Compare(string? x, string? y) => Encoding.UTF8.GetBytes(x ?? "").AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y ?? ""));
}
