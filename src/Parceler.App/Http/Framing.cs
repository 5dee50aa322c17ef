using System.Globalization;

namespace Parceler.App.Http;

/// <summary>Where a request ends. What a proxy in front may understand otherwise than we do is refused, and nothing after it on its connection is read.</summary>
internal static class Framing
{
    /// <summary>The server understands line feeds alone as ends of lines unless it is told so.</summary>
    public const string OnlyWholeLineEnds = "Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators";
    private const string OverruledLength = "X-Content-Length"; // what the server makes of a length beside chunks

    /// <summary>Length and chunks at once, or a body where none belongs.</summary>
    public static bool IsDoubtful(HttpRequest request)
    {
        var isChunked = request.Headers.TransferEncoding.Count > 0;
        return (isChunked || request.ContentLength > 0) && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || (isChunked && request.Headers.ContainsKey(OverruledLength)));
    }

    public static void Refuse(HttpContext http) => Close(http, StatusCodes.Status400BadRequest);

    /// <summary>Answers without a body and closes the connection.</summary>
    /// <param name="retryAfter">In seconds.</param>
    public static void Close(HttpContext http, int status, int? retryAfter = null)
    {
        http.Response.StatusCode = status;
        http.Response.ContentLength = 0;
        http.Response.Headers.Connection = "close";
        http.Response.Headers.RetryAfter = retryAfter?.ToString(CultureInfo.InvariantCulture);
    }
}
