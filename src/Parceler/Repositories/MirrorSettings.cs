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
/// <param name="Suites">apt: the suites, e.g. <c>bookworm</c>, or flat folders, e.g. <c>./</c>; none for all that an opkg, apk or rpm tree holds.</param>
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
    /// <summary>Whether a suite is a flat folder, packages and index beside each other without a <c>dists/</c>: apt tells it by the '/' at the end.</summary>
    public static bool IsFlat(string suite) => suite.EndsWith('/');

    /// <summary>Where the Release of a suite is: empty, or with '/' at its end.</summary>
    public static string FolderOf(string suite) => !IsFlat(suite) ? $"dists/{suite}/" : suite == "./" ? "" : suite;

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
            throw new InvalidSettingException("An apt upstream needs at least one suite, e.g. --suite bookworm, or --suite ./ for a flat one");
        }

        if (Kind != MirrorKind.Apt && (Suites.Count > 0 || Components.Count > 0))
        {
            throw new InvalidSettingException("Suites and components belong to an apt upstream");
        }

        var suites = Suites.Select(Normal).ToList();
        if (suites.Exists(IsFlat) && Components.Count + Architectures.Count > 0)
        {
            throw new InvalidSettingException("A flat suite has no components and architectures: its signed index names all its packages");
        }

        if ((suites.Find(suite => !IsSuite(suite)) ?? Components.Concat(Architectures).FirstOrDefault(word => !IsWord(word))) is { } odd)
        {
            throw new InvalidSettingException($"'{odd}' is no name of a suite, a component or an architecture");
        }

        return this with { Url = Url.TrimEnd('/') + "/", Suites = suites };
    }

    /// <summary>The proxy for people, without a password.</summary>
    public string? ShownProxy => Proxy is null ? null : Shown(Proxy);

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

    // as apt is told flat suites: "/", "./", "folder/", "./folder/"
    private static string Normal(string suite) => suite is "/" ? "./" : suite.Length > 2 && IsFlat(suite) && suite.StartsWith("./", StringComparison.Ordinal) ? suite[2..] : suite;

    private static bool IsHttp(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Query.Length == 0 && uri.Fragment.Length == 0;

    private static bool IsSuite(string suite) => suite == "./" || IsWord(IsFlat(suite) ? suite[..^1] : suite);

    // A suite may have parts: stable/updates.
    private static bool IsWord(string word) =>
        word.Length is > 0 and <= 128 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_.+~/".Contains(c, StringComparison.Ordinal)) && !word.Split('/').Any(part => part is "" or "." or "..");
}
