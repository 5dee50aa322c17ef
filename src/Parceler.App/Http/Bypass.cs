using System.Security.Cryptography;
using System.Text;
using Parceler.Delivery;

namespace Parceler.App.Http;

/// <summary>Who may pass while the service is down for maintenance.</summary>
internal static class Bypass
{
    public const string Header = "X-Parceler-Bypass";
    public const string Cookie = "parceler_bypass";

    public static bool Holds(HttpRequest request, Maintenance maintenance) =>
        maintenance.Secret is { Length: > 0 } secret && (Same(request.Headers[Header], secret) || Same(request.Cookies[Cookie], secret));

    /// <summary>Whether the path is <c>/SECRET</c>, which hands out the cookie.</summary>
    public static bool IsOpenedBy(HttpRequest request, Maintenance maintenance) =>
        maintenance.Secret is { Length: > 0 } secret && Same(request.Path.Value?.TrimStart('/'), secret);

    public static bool Same(string? given, string secret) =>
        given is not null && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
