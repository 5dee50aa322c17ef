namespace Parceler.Formats.Compression;

/// <summary>How an index or a part of a package is packed; the names of files tell it (Packages.gz, control.tar.xz, primary.xml.zst).</summary>
public enum CompressionMethod
{
    None,
    Gzip,
    Xz,
    Zstd,
}
