using System.Globalization;
using System.Net;
using Parceler.App.Telemetry;
using Parceler.Delivery;

namespace Parceler.App.Http;

/// <summary>What everybody outside <c>/repository</c> sees while the service is down for maintenance. <c>/up</c> and <c>/metrics</c> go on answering, and the API: operators end maintenance by it.</summary>
internal sealed class MaintenancePage(MaintenanceMode maintenance, TimeProvider clock)
{
    /// <summary>False when the request may go on.</summary>
    public async ValueTask<bool> TryAnswerAsync(HttpContext http)
    {
        if (maintenance.Current is not { } down || http.Request.Path.StartsWithSegments("/up") || http.Request.Path.StartsWithSegments(Api.Api.Root) || http.Request.Path == MetricsEndpoint.Path || Bypass.Holds(http.Request, down))
        {
            return false;
        }

        if (Bypass.IsOpenedBy(http.Request, down))
        {
            http.Response.Cookies.Append(Bypass.Cookie, down.Secret!, new() { HttpOnly = true, Secure = http.Request.IsHttps, SameSite = SameSiteMode.Lax, Expires = clock.GetUtcNow().AddHours(12) });
            http.Response.Redirect("/");
            return true;
        }

        var path = http.Request.Path.Value ?? "";
        var isForProgram = IsForProgram(path);
        if (!isForProgram && down.Redirect is { } elsewhere && path != elsewhere)
        {
            http.Response.Redirect(elsewhere);
            return true;
        }

        await RefuseAsync(http, down, withoutWords: isForProgram);
        return true;
    }

    // Also a release that a pipeline asks for, and what NetifyD on machines does.
    private static bool IsForProgram(string path) =>
        path.StartsWith("/repository", StringComparison.OrdinalIgnoreCase) || path.StartsWith("/repositories", StringComparison.OrdinalIgnoreCase) || path.StartsWith(NetifyEndpoints.Root, StringComparison.OrdinalIgnoreCase);

    private static async Task RefuseAsync(HttpContext http, Maintenance down, bool withoutWords)
    {
        http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        http.Response.Headers.RetryAfter = down.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        if (withoutWords)
        {
            http.Response.ContentLength = 0;
            return;
        }

        http.Response.ContentType = "text/html; charset=utf-8";
        await http.Response.WriteAsync(Page.Of("Maintenance", $"<p>{WebUtility.HtmlEncode(down.Message ?? "This service is down for maintenance.")}</p>"), http.RequestAborted);
    }
}
