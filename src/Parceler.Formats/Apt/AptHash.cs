namespace Parceler.Formats.Apt;

/// <summary>The check sums that apt trusts in a Release file; MD5Sum and SHA1 may stand there too, and are passed over.</summary>
public enum AptHash
{
    SHA256,
    SHA512,
}
