using Parceler.Audit;
using Parceler.Entitlements;
using Parceler.Operators;

namespace Parceler.App.Http.Api;

/// <summary>
/// Everything below <c>/api/v1</c> passes here: who calls, whether he may, on whose behalf a change is made, and how failures are told.
/// </summary>
internal sealed partial class ApiGate(ApiTokens tokens, OperatorSessions sessions, SignInGuesses guesses, TimeProvider clock, ILogger<ApiGate> log)
{
    private const string Bearer = "Bearer ";

    public async Task RunAsync(HttpContext http, RequestDelegate next)
    {
        await ReceivingThread.Leave(); // downloads need it
        Harden(http.Response.Headers);
        try
        {
            await AdmitAsync(http);
            http.Features.Get<AuditedAction>()?.Begin();
            await next(http);
            if (http.Response is { StatusCode: >= 400, HasStarted: false, ContentType: null })
            {
                await ApiProblem.WriteAsync(http, http.Response.StatusCode, ApiProblem.DetailOf(http.Response.StatusCode));
            }
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // nobody is there to be told
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            await FailAsync(http, e);
        }
    }

    // No page of another site shows what is here, no cache keeps it, and nothing is taken for what it is not.
    private static void Harden(IHeaderDictionary headers)
    {
        headers.XFrameOptions = "DENY";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
    }

    private async Task AdmitAsync(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<ApiRule>() is not { } rule)
        {
            return; // nothing is there, or it is for everybody
        }

        var address = http.Connection.RemoteIpAddress?.ToString();
        if (rule.Needs == Scopes.None)
        {
            http.Features.Set(new AuditedAction(new("nobody", address), rule.What ?? "", clock));
            return;
        }

        var caller = await IdentifyAsync(http);
        if (!caller.Scopes.Allow(rule.Needs) || (rule.OnlyOperators && caller.Session is null))
        {
            throw new ApiException(StatusCodes.Status403Forbidden, WhyNot(caller, rule));
        }

        if (caller.Cookie is { } cookie && !IsReading(http.Request) && !SessionCookie.HasCsrfToken(http.Request, cookie))
        {
            throw new ApiException(StatusCodes.Status403Forbidden, $"The header {SessionCookie.CsrfHeader} is missing or wrong. GET /api/v1/sessions/current tells it");
        }

        http.Features.Set(caller);
        if (rule.What is { } what)
        {
            http.Features.Set(new AuditedAction(new(caller.Name, address), what, clock));
        }
    }

    private async Task<Caller> IdentifyAsync(HttpContext http)
    {
        if (http.Request.Headers.Authorization.ToString() is { Length: > 0 } header)
        {
            return await IdentifyAsync(http, header);
        }

        return SessionCookie.Read(http.Request) is { } secret && await sessions.FindAsync(secret, http.RequestAborted) is { } session
            ? Caller.Of(session, secret)
            : throw new ApiException(StatusCodes.Status401Unauthorized, "Nobody is signed in. Send Authorization: Bearer TOKEN (parceler token create makes one), or sign in with POST /api/v1/sessions");
    }

    private async Task<Caller> IdentifyAsync(HttpContext http, string header)
    {
        var from = AddressBlock.Of(http.Connection.RemoteIpAddress);
        if (guesses.AreTooManyTokens(from))
        {
            throw TooMany(http, "Too many wrong tokens came from this address");
        }

        if (header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) && await tokens.FindAsync(header[Bearer.Length..].Trim(), http.RequestAborted) is { } token)
        {
            return Caller.Of(token);
        }

        guesses.WrongToken(from);
        throw new ApiException(StatusCodes.Status401Unauthorized, "The token is wrong, has expired, or was revoked. See the tokens with: parceler token list");
    }

    public static ApiException TooMany(HttpContext http, string why)
    {
        http.Response.Headers.RetryAfter = $"{(int)SignInGuesses.Window.TotalSeconds}";
        return new(StatusCodes.Status429TooManyRequests, $"{why}. Try again in a while");
    }

    private static bool IsReading(HttpRequest request) => HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);

    private static string WhyNot(Caller caller, ApiRule rule) =>
        rule.OnlyOperators && caller.Session is null
            ? "No token may do this: sign in as an operator, or use the command line"
            : $"'{caller.Name}' may {string.Join(", ", caller.Scopes.ToWords())}; this takes the scope {string.Join(" or ", rule.Needs.ToWords())}";

    private async Task FailAsync(HttpContext http, Exception e)
    {
        var (status, detail) = ApiProblem.Of(e) ?? (StatusCodes.Status500InternalServerError, "This failed in a way that it should not; the log of the service says more");
        if (status == StatusCodes.Status500InternalServerError)
        {
            Failed(log, http.Request.Method, http.Request.Path, e);
        }
        else if (status == StatusCodes.Status401Unauthorized)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer realm=\"Parceler\"";
        }

        await ApiProblem.WriteAsync(http, status, detail);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private static partial void Failed(ILogger log, string method, string path, Exception e);
}
