using System.Globalization;

namespace Parceler.Formats.Rpm;

/// <summary>Epoch, version and release of an rpm package. <see cref="Release"/> is null where a dependency names none.</summary>
public readonly record struct RpmEvr(uint Epoch, string Version, string? Release)
{
    /// <summary>Reads [epoch:]version[-release], parted at the first ':' after digits only and at the last '-'. Takes any text, as rpm does.</summary>
    public static RpmEvr Parse(string text)
    {
        var colon = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        var hasEpoch = colon >= 0 && text[colon] == ':';
        var epoch = hasEpoch && uint.TryParse(text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        var rest = hasEpoch ? text[(colon + 1)..] : text;
        var dash = rest.LastIndexOf('-');
        return dash < 0 ? new(epoch, rest, null) : new(epoch, rest[..dash], rest[(dash + 1)..]);
    }

    /// <summary>[epoch:]version[-release]; an epoch of 0 is left out.</summary>
    public override string ToString()
    {
        var epoch = Epoch == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{Epoch}:");
        return Release is null ? $"{epoch}{Version}" : $"{epoch}{Version}-{Release}";
    }
}
