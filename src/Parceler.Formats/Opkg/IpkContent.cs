using Parceler.Formats.Archives;

namespace Parceler.Formats.Opkg;

/// <summary>What goes into an .ipk: its control, what it installs, and what stands beside the control (postinst, conffiles ...).</summary>
public sealed record IpkContent(OpkgStanza Control, IReadOnlyList<PackagedFile> Files)
{
    public IReadOnlyList<PackagedFile> Scripts { get; init; } = [];

    /// <summary>The name that the file has in a feed: the version is without its epoch, since a colon does not do in a file name.</summary>
    public string FileName => $"{Control.Package}_{Control.Version[(Control.Version.IndexOf(':') + 1)..]}_{Control.Architecture}.ipk";
}
