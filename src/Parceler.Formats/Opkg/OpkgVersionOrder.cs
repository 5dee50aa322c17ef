using Parceler.Formats.Versions;

namespace Parceler.Formats.Opkg;

/// <summary>The order of versions in opkg, which took it from dpkg.</summary>
public static class OpkgVersionOrder
{
    public static DpkgVersionOrder Instance => DpkgVersionOrder.Instance;
}
