namespace Parceler.Formats.Rpm;

/// <summary>One advisory of updateinfo.xml: which packages fix what.</summary>
/// <param name="Type">security, bugfix, enhancement or newpackage.</param>
/// <param name="Severity">Critical, Important, Moderate, Low, or null.</param>
/// <param name="References">Names such as CVE-2025-1.</param>
public sealed record RpmAdvisory(string Id, string Type, string? Severity, string? Issued, IReadOnlyList<string> References, IReadOnlyList<RpmAdvisoryPackage> Packages)
{
    /// <summary>Whether its packages fix a hole: what dnf upgrade --security takes.</summary>
    public bool IsSecurity => Type == "security";
}
