namespace Parceler.App.Configuration;

/// <summary>An address that the web server can listen on; TLS is for the proxy in front.</summary>
internal static class ListenAddress
{
    public static bool IsValid(string text)
    {
        try
        {
            return BindingAddress.Parse(text) is { PathBase: "", Port: <= ushort.MaxValue } address && address.Scheme.Equals("http", StringComparison.OrdinalIgnoreCase);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            return false;
        }
    }
}
