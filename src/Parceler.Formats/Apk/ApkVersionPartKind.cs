namespace Parceler.Formats.Apk;

/// <summary>The parts of a version in the order in which they may follow each other; what comes later here is older where versions part.</summary>
internal enum ApkVersionPartKind
{
    FirstNumber,
    Number,
    Letter,
    Suffix,
    SuffixNumber,
    Commit,
    Revision,
    End,
    Invalid,
}
