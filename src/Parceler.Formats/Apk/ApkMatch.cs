namespace Parceler.Formats.Apk;

/// <summary>How the version of a dependency is compared; the numbers are those of the file.</summary>
[Flags]
public enum ApkMatch
{
    None = 0,
    Equal = 1,
    Less = 2,
    Greater = 4,
    Fuzzy = 8,
    Conflict = 16,
}
