namespace Parceler.Formats.Compression;

/// <summary>What unpacking may take: files come from outside, and a small one can unpack to any size. Both in bytes.</summary>
/// <param name="Length">What comes out.</param>
/// <param name="Window">The memory that a file may ask for to be unpacked with. xz -9 takes 64 MiB, zstd up to 128 MiB without --long.</param>
public sealed record DecompressionLimits(long Length, int Window = 128 << 20);
