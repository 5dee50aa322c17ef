using Microsoft.AspNetCore.Http.HttpResults;
using Parceler.Entitlements;
using Parceler.Operators;

namespace Parceler.App.Http.Api;

internal sealed record SignInBody(string Name, string Password);

/// <summary>Who is signed in.</summary>
/// <param name="CsrfToken">What each change under the cookie has to carry as X-CSRF-Token.</param>
/// <param name="EndsAt">When the session ends in any case; it ends sooner when nobody uses it for an hour.</param>
internal sealed record SignedIn(string Operator, string Role, string CsrfToken, DateTimeOffset EndsAt);

/// <summary>Operators sign in and out.</summary>
internal static class SessionRoutes
{
    private const string Tag = "Sessions";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/sessions", SignInAsync).With(new(Scopes.None, "session.begin")).WithName("signIn").WithTags(Tag).WithSummary("Signs an operator in: sets a cookie").ProducesProblem(401).ProducesProblem(429);
        api.MapGet("/sessions/current", Show).With(new(Scopes.Read)).WithName("showSession").WithTags(Tag).WithSummary("Who is signed in").ProducesProblem(404);
        api.MapDelete("/sessions/current", SignOutAsync).With(new(Scopes.Read)).WithName("signOut").WithTags(Tag).WithSummary("Ends the session").ProducesProblem(404);
    }

    internal static async Task<Created<SignedIn>> SignInAsync(SignInBody body, HttpContext http, SignIn signIn, TimeProvider clock, CancellationToken cancellation)
    {
        if (!AccountName.TryParse(body.Name, null, out var name) || body.Password is null)
        {
            throw Wrong();
        }

        return await signIn.RunAsync(name, body.Password, SessionCookie.Read(http.Request), AddressBlock.Of(http.Connection.RemoteIpAddress), cancellation) switch
        {
            SignInOutcome.Signed signed => Begin(http, signed, clock.GetUtcNow()),
            SignInOutcome.TooMany => throw ApiGate.TooMany(http, "Too many tries to sign in came for this name or from this address"),
            _ => throw Wrong(),
        };
    }

    internal static Ok<SignedIn> Show(HttpContext http)
    {
        var (session, cookie) = Current(http);
        return TypedResults.Ok(new SignedIn(session.Operator.ToString(), session.Role, SessionCookie.CsrfTokenOf(cookie), session.EndsAt));
    }

    internal static async Task<NoContent> SignOutAsync(HttpContext http, OperatorSessions sessions, CancellationToken cancellation)
    {
        await sessions.EndAsync(Current(http).Cookie, cancellation);
        SessionCookie.Take(http);
        return TypedResults.NoContent();
    }

    private static Created<SignedIn> Begin(HttpContext http, SignInOutcome.Signed signed, DateTimeOffset now)
    {
        SessionCookie.Give(http, signed.Secret);
        return TypedResults.Created($"{Api.Root}/sessions/current", new SignedIn(signed.Operator.Name.ToString(), signed.Operator.Role, SessionCookie.CsrfTokenOf(signed.Secret), now + OperatorSession.Longest));
    }

    private static (OperatorSession Session, string Cookie) Current(HttpContext http) =>
        Caller.Get(http) is { Session: { } session, Cookie: { } cookie } ? (session, cookie) : throw new ApiException(StatusCodes.Status404NotFound, "A token has no session");

    private static ApiException Wrong() => new(StatusCodes.Status401Unauthorized, "The name or the password is wrong");
}
