namespace Parceler.Netify;

/// <summary>How the Netify API is asked for what NetifyD on machines needs.</summary>
/// <param name="Suffix">Stands behind the labels of licences: tells those of one installation from those of another.</param>
internal sealed record NetifySettings(Uri Endpoint, string ApiKey, string? Suffix)
{
    /// <summary>How long upstream may take for one answer.</summary>
    public TimeSpan Try { get; init; } = TimeSpan.FromSeconds(5);

    // So that no log shows the key.
    public override string ToString() => Endpoint.ToString();
}

/// <summary>The API gave no usable answer. The message tells nothing of what was sent.</summary>
/// <param name="mayPass">Whether the same question may be answered in a moment.</param>
internal sealed class NetifyException(string message, bool mayPass = false) : Exception(message)
{
    public bool MayPass => mayPass;
}
