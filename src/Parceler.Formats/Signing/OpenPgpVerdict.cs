namespace Parceler.Formats.Signing;

/// <summary>What a check of OpenPGP signatures came to.</summary>
public abstract record OpenPgpVerdict
{
    private OpenPgpVerdict()
    {
    }

    /// <summary>A trusted key signed it. Fingerprints are 40 lower-case hexadecimal digits; the signing key may be a subkey of the key.</summary>
    public sealed record Good(string Key, string SigningKey, DateTimeOffset SignedAt) : OpenPgpVerdict;

    /// <summary>No signature is good; one reason for each, or one for all.</summary>
    public sealed record Refused(IReadOnlyList<string> Reasons) : OpenPgpVerdict
    {
        public override string ToString() => string.Join("; ", Reasons);
    }
}
