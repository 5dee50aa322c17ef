using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Parceler.Operators;

namespace Parceler.App.Http.Api;

/// <summary>The cookie of a session, and what changes under it have to carry besides: another site can make a browser send the cookie, but can't read the token.</summary>
internal static class SessionCookie
{
    public const string CsrfHeader = "X-CSRF-Token";
    private const string Plain = "parceler_session";
    private const string Secure = "__Host-parceler_session"; // browsers take it over TLS only, and from this host only

    public static string? Read(HttpRequest request) => request.Cookies[NameOf(request)] is { Length: > 0 } secret ? secret : null;

    public static void Give(HttpContext http, string secret) =>
        http.Response.Cookies.Append(NameOf(http.Request), secret, Options(http.Request, OperatorSession.Longest));

    public static void Take(HttpContext http) => http.Response.Cookies.Append(NameOf(http.Request), "", Options(http.Request, TimeSpan.Zero));

    /// <summary>Made of what the cookie holds: whoever has a session has its token, and it ends with it.</summary>
    public static string CsrfTokenOf(string secret) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes($"csrf {secret}")));

    public static bool HasCsrfToken(HttpRequest request, string secret) => Bypass.Same(request.Headers[CsrfHeader], CsrfTokenOf(secret));

    private static string NameOf(HttpRequest request) => request.IsHttps ? Secure : Plain;

    private static CookieOptions Options(HttpRequest request, TimeSpan life) =>
        new() { HttpOnly = true, Secure = request.IsHttps, SameSite = SameSiteMode.Strict, Path = "/", MaxAge = life };
}
