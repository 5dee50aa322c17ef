namespace Parceler.Tests.Support;

/// <summary>Tests whose story has a pace: whole services, and clients that give up. Nothing of this run goes on beside them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
