namespace Parceler.Formats.Rpm;

/// <summary>What a package says of others, in the order in which createrepo_c writes it.</summary>
public enum RpmDependencyKind
{
    Provides,
    Requires,
    Conflicts,
    Obsoletes,
    Suggests,
    Enhances,
    Recommends,
    Supplements,
}
