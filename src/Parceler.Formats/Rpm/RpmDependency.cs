namespace Parceler.Formats.Rpm;

/// <summary>
/// A name and perhaps versions of it. <paramref name="Flags"/> is EQ, LT, GT, LE or GE, or null where any version fits, and then there is no
/// epoch, version or release. <paramref name="IsPre"/> means that it is needed before the package is unpacked.
/// </summary>
public sealed record RpmDependency(string Name, string? Flags = null, string? Epoch = null, string? Version = null, string? Release = null, bool IsPre = false)
{
    private const uint Less = 2;
    private const uint Greater = 4;
    private const uint Equal = 8;
    private const uint BeforeUnpacking = 0x40 | 0x200 | 0x400; // of old, for %pre, for %post

    internal static RpmDependency Of(string name, uint flags, string version, bool hasPre)
    {
        var isPre = hasPre && (flags & BeforeUnpacking) != 0;
        if (version.Length == 0)
        {
            return new(name, IsPre: isPre);
        }

        var evr = RpmEvr.Parse(version);
        var epoch = evr.Epoch.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new(name, FlagsOf(flags), epoch, evr.Version, evr.Release, isPre);
    }

    private static string? FlagsOf(uint flags) => (flags & (Less | Greater | Equal)) switch
    {
        Less => "LT",
        Greater => "GT",
        Equal => "EQ",
        Less | Equal => "LE",
        Greater | Equal => "GE",
        _ => null,
    };
}
