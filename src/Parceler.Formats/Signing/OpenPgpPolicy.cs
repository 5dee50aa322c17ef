namespace Parceler.Formats.Signing;

/// <summary>What a signature needs to be believed, beyond being right.</summary>
public sealed record OpenPgpPolicy
{
    /// <summary>As strict as apt and dnf of today, or stricter.</summary>
    public static readonly OpenPgpPolicy Default = new();

    /// <summary>The shortest RSA or DSA key, in bits.</summary>
    public int ShortestKey { get; init; } = 2048;

    /// <summary>By how much the clock of the signer may be ahead of ours.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Whether a key may say what it is for, and when it expires, in a signature of its own over SHA-1, as many keys of before 2015 do. Data
    /// signed over SHA-1 or MD5 is refused in any case.
    /// </summary>
    public bool AllowsSha1InKeys { get; init; }
}
