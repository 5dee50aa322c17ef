namespace Parceler.Formats.Rpm;

/// <summary>A package in an advisory; it and all newer ones have the fix.</summary>
public sealed record RpmAdvisoryPackage(string Name, RpmEvr Evr, string Architecture);
