namespace Parceler.Feeds;

/// <summary>What came of a feed's signatures.</summary>
/// <param name="Key">The fingerprint of the trusted key that signed it; null when none is proven.</param>
/// <param name="Label">Of that key.</param>
/// <param name="Refusal">Why it does not pass with the trusted keys; null when it does, and where there are no trusted keys.</param>
/// <param name="IsMissing">Whether a file with its signature is missing.</param>
internal sealed record FeedSignature(FoundFeed Feed, string? Key = null, string? Label = null, string? Refusal = null, bool IsMissing = false)
{
    /// <summary>What is signed so that it passes, but only just.</summary>
    public string? Warning { get; init; }

    public bool IsSigned => Key is not null && Refusal is null;
}
