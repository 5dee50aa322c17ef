namespace Parceler.Formats.Rpm;

/// <summary>A file of a package; <paramref name="Type"/> is "dir", "ghost" (not in the package) or null for any other.</summary>
public sealed record RpmPath(string Path, string? Type = null)
{
    /// <summary>Whether primary.xml lists it too: dnf resolves dependencies on these without the list of all files.</summary>
    public bool IsPrimary => Path.StartsWith("/etc/", StringComparison.Ordinal) || Path.Contains("bin/", StringComparison.Ordinal) || Path == "/usr/lib/sendmail";
}
