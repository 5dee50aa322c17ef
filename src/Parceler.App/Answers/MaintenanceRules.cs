namespace Parceler.App.Answers;

/// <summary>What maintenance may be declared with.</summary>
internal static class MaintenanceRules
{
    public const int UsualRetry = 60;
    public const string Secret = "letters, digits, '-', '_', '.' and '~', since it is the path of an address";
    public const string Redirect = "an http or https address, or a path that begins with '/'";

    public static bool IsSegment(string secret) => secret is not ("" or "." or "..") && secret.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '~');

    public static bool IsAddress(string url) =>
        !url.Any(char.IsControl)
        && (url is ['/', not '/', ..] or "/" || (Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"));
}
