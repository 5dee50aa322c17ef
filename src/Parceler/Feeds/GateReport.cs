using Parceler.Repositories;

namespace Parceler.Feeds;

/// <summary>Something of a feed that an operator should know.</summary>
/// <param name="Package">Name and version of the package that it is about, or null.</param>
internal sealed record FeedRemark(FoundFeed Feed, string? Package, string Reason)
{
    public override string ToString() => Package is null ? $"{Feed}: {Reason}" : $"{Feed}: {Package}: {Reason}";
}

/// <summary>What the gate found.</summary>
/// <param name="Faults">What must not be served; of one feed the first, and how many more there are.</param>
/// <param name="Alarms">The same version with other bytes: real feeds rebuild in place, and so does an attacker.</param>
/// <param name="Warnings">What will give trouble.</param>
/// <param name="Notes">What is worth knowing.</param>
/// <param name="Signatures">Of each feed.</param>
internal sealed record GateReport(
    GateMode Mode,
    IReadOnlyList<FeedFault> Faults,
    IReadOnlyList<FeedRemark> Alarms,
    IReadOnlyList<FeedRemark> Warnings,
    IReadOnlyList<FeedRemark> Notes,
    IReadOnlyList<FeedSignature> Signatures
)
{
    /// <summary>Of a tree that is not looked at.</summary>
    public static readonly GateReport Nothing = new(GateMode.Off, [], [], [], [], []);

    /// <summary>Feeds that were not held to anything, since they are as they were in the last snapshot.</summary>
    public IReadOnlyList<FoundFeed> Unchanged { get; init; } = [];

    /// <summary>Whether the tree may become a snapshot.</summary>
    public bool Passes => Mode != GateMode.Strict || Faults.Count == 0;

    /// <summary>Whether the tree may pass in a while, without anybody doing anything: what is missing or differs may be on its way.</summary>
    public bool MayWait => Faults.All(fault => fault.MayWait);
}
