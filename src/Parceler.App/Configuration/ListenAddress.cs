namespace Parceler.App.Configuration;

/// <summary>An address that a web server can listen on.</summary>
internal static class ListenAddress
{
    public static bool IsValid(string text)
    {
        try
        {
            return BindingAddress.Parse(text) is { PathBase: "", Port: <= ushort.MaxValue } address
                && (address.Scheme.Equals("http", StringComparison.OrdinalIgnoreCase) || IsTls(text));
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            return false;
        }
    }

    public static bool IsTls(string text) => text.StartsWith("https:", StringComparison.OrdinalIgnoreCase);
}
