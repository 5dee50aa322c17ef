namespace Parceler.Repositories;

/// <summary>What a mirror understands of its upstream: the index of a format, or only files.</summary>
internal enum MirrorKind
{
    Opkg,
    Apk,
    Apt,
    Rpm,
    Http,
}

/// <summary>An upstream that Parceler mirrors itself, without a command.</summary>
/// <param name="Url">Its root. A user and password in it are sent to upstream and shown nowhere.</param>
/// <param name="Suites">apt: the suites, e.g. <c>bookworm</c>; none for all that an opkg, apk or rpm tree holds.</param>
/// <param name="Components">apt: none for all of the suite.</param>
/// <param name="Architectures">None for all that the indexes name.</param>
/// <param name="Proxy">The address of an HTTP proxy; null to ask upstream itself.</param>
internal sealed record MirrorSettings(
    MirrorKind Kind,
    string Url,
    IReadOnlyList<string> Suites,
    IReadOnlyList<string> Components,
    IReadOnlyList<string> Architectures,
    string? Proxy = null
)
{
    /// <exception cref="InvalidSettingException">It can't be mirrored.</exception>
    public MirrorSettings Checked()
    {
        if (!IsHttp(Url))
        {
            throw new InvalidSettingException($"'{Shown(Url)}' is no address of an upstream: it begins with http:// or https://");
        }

        if (Proxy is not null && !IsHttp(Proxy))
        {
            throw new InvalidSettingException($"'{Shown(Proxy)}' is no address of a proxy: it begins with http:// or https://");
        }

        if (Kind == MirrorKind.Apt && Suites.Count == 0)
        {
            throw new InvalidSettingException("An apt upstream needs at least one suite, e.g. --suite bookworm");
        }

        if (Kind != MirrorKind.Apt && (Suites.Count > 0 || Components.Count > 0))
        {
            throw new InvalidSettingException("Suites and components belong to an apt upstream");
        }

        if (Suites.Concat(Components).Concat(Architectures).FirstOrDefault(word => !IsWord(word)) is { } odd)
        {
            throw new InvalidSettingException($"'{odd}' is no name of a suite, a component or an architecture");
        }

        return this with { Url = Url.TrimEnd('/') + "/" };
    }

    /// <summary>For people, without a password: kind, address, and what of it is mirrored.</summary>
    public override string ToString() => string.Join(' ', [Name(Kind), Shown(Url), .. Suites, .. Components, .. Architectures]);

    public static string Name(MirrorKind kind) =>
        kind switch
        {
            MirrorKind.Opkg => "opkg",
            MirrorKind.Apk => "apk",
            MirrorKind.Apt => "apt",
            MirrorKind.Rpm => "rpm",
            _ => "http",
        };

    private static string Shown(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.UserInfo.Length > 0
            ? $"{uri.Scheme}://{uri.UserInfo.Split(':')[0]}:***@{uri.Authority}{uri.PathAndQuery}"
            : url;

    private static bool IsHttp(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Query.Length == 0 && uri.Fragment.Length == 0;

    // A suite may have parts: stable/updates.
    private static bool IsWord(string word) =>
        word.Length is > 0 and <= 128 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_.+~/".Contains(c, StringComparison.Ordinal)) && !word.Split('/').Any(part => part is "" or "." or "..");
}
