namespace Parceler.Delivery;

/// <summary>What a path is to a machine's session.</summary>
internal enum PathKind : byte
{
    /// <summary>Everything that an index may name: a package.</summary>
    Package,

    /// <summary>The index that a machine reads first.</summary>
    HeadIndex,

    /// <summary>An index, or its signature.</summary>
    Index,

    /// <summary>An index whose name is its digest: the same in every snapshot that has it.</summary>
    HashedIndex,

    /// <summary>The name of the latest release. Machines ask for it at any time, without an update in mind.</summary>
    LatestRelease,
}
